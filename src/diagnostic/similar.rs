//! Did you mean: the nearest name.

/// Of a wrong name, so many characters are looked at.
const LOOKED_AT: usize = 64;

/// Finds the candidate that `name` is most likely a slip of: the fewest edits (a swap of neighbours counts
/// as one, case as none), at most a third of its length. Of several as near, the one in the same case:
/// a column `CREATED` and the field `created` may both be candidates.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().take(LOOKED_AT).collect();
    let folded = fold(&wanted);
    let allowed = (folded.len() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let exact: Vec<char> = candidate.chars().collect();
            let edits = distance(&folded, &fold(&exact));
            (edits <= allowed && edits < exact.len())
                .then(|| (edits, distance(&wanted, &exact), candidate))
        })
        .min_by_key(|(edits, exact, _)| (*edits, *exact))
        .map(|(.., candidate)| candidate)
}

/// The same without regard to case.
fn fold(text: &[char]) -> Vec<char> {
    text.iter().flat_map(|c| c.to_lowercase()).collect()
}

/// Optimal string alignment distance.
fn distance(wanted: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in wanted.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut edits = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && wanted[i - 1] == *b {
                edits = edits.min(before[j - 1] + 1);
            }
            row.push(edits);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        let names = ["digest", "size", "created", "labels", "tag", "platforms"];
        for (typed, meant) in [
            ("digset", "digest"),
            ("Size", "size"),
            ("creatd", "created"),
            ("label", "labels"),
            ("tga", "tag"),
            ("plattforms", "platforms"),
        ] {
            assert_eq!(nearest(typed, names), Some(meant), "{typed}");
        }
    }

    #[test]
    fn of_two_as_near_the_one_in_the_same_case_is_meant() {
        let names = ["CREATED", "created"];
        assert_eq!(nearest("creatd", names), Some("created"));
        assert_eq!(nearest("CREATD", names), Some("CREATED"));
    }

    #[test]
    fn strangers_are_not() {
        assert_eq!(nearest("colour", ["digest", "size"]), None);
        assert_eq!(nearest("x", ["a"]), None);
    }
}
