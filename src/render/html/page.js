
'use strict';
// Sorts a table by the column whose heading is chosen: upward, downward, as it was. Nothing comes last, either way.
for (const table of document.querySelectorAll('table')) {
  const body = table.tBodies[0];
  const written = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, at) => {
    const cell = row.cells[at];
    if (cell.classList.contains('none')) return null;
    const first = cell.firstElementChild;
    if (first && first.matches('data, time')) {
      const value = first.value ?? first.dateTime;
      const number = first.matches('data') && value !== '' ? Number(value) : NaN;
      return Number.isNaN(number) ? value : number;
    }
    return cell.firstChild.textContent;
  };
  const compare = (a, b) => {
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const sort = (at, way) => {
    const keyed = written.map((row) => [key(row, at), row]);
    if (way !== 0) {
      keyed.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return way * compare(a, b);
      });
    }
    body.append(...keyed.map(([, row]) => row));
  };
  heads.forEach((head, at) => {
    const button = document.createElement('button');
    button.type = 'button';
    const name = head.firstChild;
    if (!name) return;
    head.insertBefore(button, name);
    button.append(name);
    button.addEventListener('click', () => {
      const next = { ascending: 'descending', descending: null }[head.getAttribute('aria-sort')];
      const order = next === undefined ? 'ascending' : next;
      for (const other of heads) other.removeAttribute('aria-sort');
      if (order) head.setAttribute('aria-sort', order);
      sort(at, order === 'ascending' ? 1 : order === 'descending' ? -1 : 0);
    });
  });
}
