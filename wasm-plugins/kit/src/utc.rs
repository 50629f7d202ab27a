//! Wall time for people.

/// Milliseconds since 1970 as `2026-01-31 23:59:59.999`, UTC.
pub(crate) fn utc(wall_ms: u64) -> String {
    let (seconds, ms) = (wall_ms / 1_000, wall_ms % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}")
}

/// The date of a day since 1970, by years that begin in March, so that a leap day is the last of its year
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let shifted = days + 719_468;
    let (era, day) = (shifted / DAYS_OF_400_YEARS, shifted % DAYS_OF_400_YEARS);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_are_those_that_date_prints() {
        let said = [0, 951_782_400_000, 1_700_000_000_123, 4_102_444_799_999].map(utc);
        let expected = [
            "1970-01-01 00:00:00.000",
            "2000-02-29 00:00:00.000",
            "2023-11-14 22:13:20.123",
            "2099-12-31 23:59:59.999",
        ];
        assert_eq!(said, expected);
    }
}
