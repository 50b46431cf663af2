//! Amounts as people read them. Rows carry plain bytes; only where a person looks, in a table's cell or through
//! `human_bytes`, they become this.

/// Steps of a thousand, as docker counts: not of 1024.
const BYTES: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

/// Writes a number of bytes with three significant digits, as docker does: `0B`, `29.1MB`, `1.2GB`.
pub fn bytes(number: f64) -> String {
    let (mut amount, mut unit) = (number.abs(), 0);
    // 999.5 would round to 1000, which is one of the next unit.
    while amount >= 999.5 && unit + 1 < BYTES.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}{}", three_digits(amount), BYTES[unit])
}

fn three_digits(amount: f64) -> String {
    let decimals = match amount {
        below_ten if below_ten < 9.995 => 2,
        below_hundred if below_hundred < 99.95 => 1,
        _ => 0,
    };
    let digits = format!("{amount:.decimals$}");
    match decimals {
        0 => digits,
        _ => digits
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits() {
        for (number, shown) in [
            (0.0, "0B"),
            (12.34, "12.3B"),
            (999.0, "999B"),
            (1000.0, "1kB"),
            (1024.0, "1.02kB"),
            (9_995.0, "10kB"),
            (99_949.0, "99.9kB"),
            (99_950.0, "100kB"),
            (999_499.0, "999kB"),
            (999_500.0, "1MB"),
            (29_133_456.0, "29.1MB"),
            (1.2e9, "1.2GB"),
            (18_446_744_073_709_551_615.0, "18.4EB"),
            (-2_500.0, "-2.5kB"),
            (1e30, "1000000YB"),
        ] {
            assert_eq!(bytes(number), shown, "{number}");
        }
    }
}
