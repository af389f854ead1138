use proptest::prelude::*;

use super::*;

const NOW: &str = "2025-10-13T15:00:00Z";

fn read(language: &str, text: &str) -> String {
    let language = DateLanguage::default().or_of_tag(language);
    let reader = DateReader { language, read_at: Some(NOW.parse().unwrap()) };
    reader.read(text).map(|at| at.to_string()).unwrap_or_default()
}

#[test]
fn machines_dates_are_read() {
    for (text, expected) in [
        ("1760373805", "2025-10-13T16:43:25Z"),
        ("1760373805.0", "2025-10-13T16:43:25Z"),
        ("1760373805000", "2025-10-13T16:43:25Z"),
        ("1760373805000000", "2025-10-13T16:43:25Z"),
        (" 1760373805 ", "2025-10-13T16:43:25Z"),
        ("2022-10-02 18:55:00", "2022-10-02T18:55:00Z"),
        ("2025-10-13", "2025-10-13T00:00:00Z"),
        ("2025-10-13T15:30:00+02:00", "2025-10-13T13:30:00Z"),
        ("2025-10-13T15:30:00+0200", "2025-10-13T13:30:00Z"),
        ("2025-10-13T15:30:00.123456+02", "2025-10-13T13:30:00.123456Z"),
        ("2025/10/13 15:30", "2025-10-13T15:30:00Z"),
        ("2025.10.13", "2025-10-13T00:00:00Z"),
        ("20251013", "2025-10-13T00:00:00Z"),
        ("Mon, 13 Oct 2025 08:53:20 GMT", "2025-10-13T08:53:20Z"),
        ("Mon, 13 Oct 2025 08:53:20 +0200", "2025-10-13T06:53:20Z"),
        ("Mon, 13 Oct 2025 08:53:20 CEST", "2025-10-13T06:53:20Z"),
        ("Mon, 13 Oct 2025 08:53 EST", "2025-10-13T13:53:00Z"),
        ("Mon, 13 Oct 2025 08:53:20 PDT", "2025-10-13T15:53:20Z"),
        ("13 Oct 25 08:53:20 GMT+2", "2025-10-13T06:53:20Z"),
        ("Mon Oct 13 08:53:20 2025", "2025-10-13T08:53:20Z"),
        ("Mon Oct 13 08:53:20 EDT 2025", "2025-10-13T12:53:20Z"),
        ("Thu Aug 03 2023 10:13:25 GMT-0600 (Mountain Daylight Time)", "2023-08-03T16:13:25Z"),
    ] {
        assert_eq!(read("en", text), expected, "{text}");
    }
}

#[test]
fn peoples_dates_are_read_in_their_language() {
    for (language, text, expected) in [
        ("en", "October 13, 2025", "2025-10-13T00:00:00Z"),
        ("en", "13th of October 2025 at 1:45 pm", "2025-10-13T13:45:00Z"),
        ("en", "Oct 13, 2025 12:05 a.m.", "2025-10-13T00:05:00Z"),
        ("en", "Posted: 2 hours ago", "2025-10-13T13:00:00Z"),
        ("en", "an hour ago", "2025-10-13T14:00:00Z"),
        ("en", "3d ago", "2025-10-10T15:00:00Z"),
        ("en", "1 week, 2 days ago", "2025-10-04T15:00:00Z"),
        ("en", "today 9:30", "2025-10-13T09:30:00Z"),
        ("en", "Yesterday at 9:30 PM", "2025-10-12T21:30:00Z"),
        ("en", "just now", NOW),
        ("en", "Oct 12", "2025-10-12T00:00:00Z"),
        ("en", "Dec 24", "2024-12-24T00:00:00Z"),
        ("en", "13/10/2025", "2025-10-13T00:00:00Z"),
        ("en", "10/13/2025", "2025-10-13T00:00:00Z"),
        ("en", "13.10.2025", "2025-10-13T00:00:00Z"),
        ("de", "Heute, 13:45", "2025-10-13T13:45:00Z"),
        ("de", "Gestern, 13:45 Uhr", "2025-10-12T13:45:00Z"),
        ("de", "vor 3 Stunden", "2025-10-13T12:00:00Z"),
        ("de", "vor einem Tag", "2025-10-12T15:00:00Z"),
        ("de", "Fri, 13 Dec 2024 08:53:20 GMT", "2024-12-13T08:53:20Z"),
        ("de", "13.10.2025, 13:45", "2025-10-13T13:45:00Z"),
        ("de", "13. Oktober 2025", "2025-10-13T00:00:00Z"),
        ("de", "Mo, 13 Okt 2025 08:53:20 +0200", "2025-10-13T06:53:20Z"),
        ("de", "12.10.", "2025-10-12T00:00:00Z"),
        ("de-AT", "13. Jänner 2025", "2025-01-13T00:00:00Z"),
        ("fr", "Aujourd'hui 13:45", "2025-10-13T13:45:00Z"),
        ("fr", "hier à 13h45", "2025-10-12T13:45:00Z"),
        ("fr", "il y a 3 heures", "2025-10-13T12:00:00Z"),
        ("fr", "le 1er août 2025", "2025-08-01T00:00:00Z"),
        ("es", "hace 2 días", "2025-10-11T15:00:00Z"),
        ("es", "mar, 14 de oct. de 2025", "2025-10-14T00:00:00Z"),
        ("es", "10/11/2024", "2024-11-10T00:00:00Z"),
        ("it", "un'ora fa", "2025-10-13T14:00:00Z"),
        ("it", "Oggi alle 13:45", "2025-10-13T13:45:00Z"),
        ("nl", "2 dagen geleden", "2025-10-11T15:00:00Z"),
        ("nl", "13 okt. 2025", "2025-10-13T00:00:00Z"),
        ("pl", "3 godziny temu", "2025-10-13T12:00:00Z"),
        ("pl", "13 października 2025", "2025-10-13T00:00:00Z"),
        ("pt-BR", "há 5 minutos", "2025-10-13T14:55:00Z"),
        ("pt", "Ontem, 13:45", "2025-10-12T13:45:00Z"),
        ("sv", "Igår 13:45", "2025-10-12T13:45:00Z"),
        ("sv", "för 3 timmar sedan", "2025-10-13T12:00:00Z"),
        ("da", "for 2 timer siden", "2025-10-13T13:00:00Z"),
        ("no", "i dag 13:45", "2025-10-13T13:45:00Z"),
        ("fi", "3 tuntia sitten", "2025-10-13T12:00:00Z"),
        ("cs", "13. 10. 2025", "2025-10-13T00:00:00Z"),
        ("cs", "před 3 hodinami", "2025-10-13T12:00:00Z"),
        ("hu", "2025.10.13.", "2025-10-13T00:00:00Z"),
        ("ru", "3 часа назад", "2025-10-13T12:00:00Z"),
        ("ru", "13 октября 2025 г., 13:45", "2025-10-13T13:45:00Z"),
        ("ru", "Вчера в 13:45", "2025-10-12T13:45:00Z"),
        ("tr", "2 saat önce", "2025-10-13T13:00:00Z"),
        ("ja", "2025年10月13日 13:45", "2025-10-13T13:45:00Z"),
        ("ja", "3時間前", "2025-10-13T12:00:00Z"),
        ("zh", "5分钟前", "2025-10-13T14:55:00Z"),
        ("ko", "2025년 10월 13일", "2025-10-13T00:00:00Z"),
        ("ko", "3시간 전", "2025-10-13T12:00:00Z"),
    ] {
        assert_eq!(read(language, text), expected, "{language} {text}");
    }
}

#[test]
fn what_may_mean_two_moments_is_left_out() {
    for (language, text) in [
        ("en", "10/11/2025"),
        ("en", "10/11"),
        ("en", "30+ days ago"),
        ("en", "2025"),
        ("en", "October 2025"),
        ("en", "in 2 hours"),
        ("en", "2 hours"),
        ("en", "Heute, 13:45"),
        ("en", "13 Oct 2025 08:53:20 IST"),
        ("en", "31 Feb 2025"),
        ("en", "may be 5 of them"),
        ("en", "0"),
        ("en", ""),
        ("de", "2 hours ago"),
        ("de", "13.45"),
    ] {
        assert_eq!(read(language, text), "", "{language} {text}");
    }
    let without_clock = DateReader::default();
    for text in ["2 hours ago", "today", "just now", "Oct 12"] {
        assert_eq!(without_clock.read(text), None, "{text}");
    }
}

#[test]
fn the_day_before_yesterday_is_two_days_ago() {
    for words in &DATE_WORDS {
        for form in words.two_days_ago.split(' ') {
            for text in [form.replace('_', " "), form.replace('_', "-")] {
                assert_eq!(read(words.language, &text), "2025-10-11T00:00:00Z", "{} {text}", words.language);
            }
        }
    }
    for (language, text) in [
        ("en", "the day before yesterday"),
        ("en", "Posted the day before yesterday"),
        ("de", "Vorgestern"),
        ("fr", "Avant-hier"),
        ("fr", "avant hier"),
        ("es", "antes de ayer"),
        ("it", "L'altro ieri"),
        ("pt", "antes de ontem"),
        ("sv", "I förrgår"),
        ("tr", "Evvelsi gün"),
    ] {
        assert_eq!(read(language, text), "2025-10-11T00:00:00Z", "{language} {text}");
    }
    assert_eq!(read("fr", "avant-hier à 13h45"), "2025-10-11T13:45:00Z");
    assert_eq!(read("de", "vorgestern, 13:45"), "2025-10-11T13:45:00Z");
}

#[test]
fn a_weekday_has_to_agree_with_its_date() {
    for (language, text, expected) in [
        ("en", "Mon, 13 Oct 2025 10:00:00 GMT", "2025-10-13T10:00:00Z"),
        ("en", "Tue, 13 Oct 2025 10:00:00 GMT", ""),
        ("en", "Tuesday, October 13, 2025", ""),
        ("en", "Monday 13.10.2025", "2025-10-13T00:00:00Z"),
        ("en", "Sunday 13.10.2025", ""),
        ("en", "Sunday, 5 Oct", "2025-10-05T00:00:00Z"),
        ("en", "Saturday, 5 Oct", "2024-10-05T00:00:00Z"),
        ("en", "Wed, 5 Oct", ""),
        ("de", "So, 12. Oktober", "2025-10-12T00:00:00Z"),
        ("de", "Samstag, 12. Oktober", "2024-10-12T00:00:00Z"),
        ("de", "Freitag, 12. Oktober 2025", ""),
        ("de", "Tue, 13 Oct 2025 10:00:00 GMT", ""),
        ("fr", "mar. 14 oct. 2025", "2025-10-14T00:00:00Z"),
        ("fr", "mer. 14 oct. 2025", ""),
        ("fr", "lundi 13 octobre", "2025-10-13T00:00:00Z"),
        ("es", "mié, 15 de oct. de 2025", "2025-10-15T00:00:00Z"),
        ("es", "mar, 15 de oct. de 2025", ""),
        ("nl", "do 9 okt. 2025", "2025-10-09T00:00:00Z"),
        ("pt", "segunda-feira, 13 de outubro de 2025", "2025-10-13T00:00:00Z"),
        ("ru", "пн, 13 октября 2025", "2025-10-13T00:00:00Z"),
        ("ru", "вт, 13 октября 2025", ""),
    ] {
        assert_eq!(read(language, text), expected, "{language} {text}");
    }
}

#[test]
fn dates_of_other_events_are_not_those_of_posting() {
    for (language, text) in [
        ("en", "Valid until 13 Oct 2025"),
        ("en", "Ends Oct 13, 2025"),
        ("en", "Expires today"),
        ("en", "Sold yesterday"),
        ("en", "Available 13 Oct 2025"),
        ("en", "Sale ends 10/13/2025"),
        ("en", "Auction closes 13 Oct 2025 10:00"),
        ("en", "Built 12 May 1998"),
        ("en", "Sold 2 days ago"),
        ("de", "Gültig bis 13.10.2025"),
        ("de", "Verkauft am 12.10.2025"),
        ("de", "Endet heute, 13:45"),
        ("de", "Valid until 13 Oct 2025"),
        ("fr", "jusqu'au 13 octobre 2025"),
        ("fr", "Expire le 13/10/2025"),
        ("es", "Válido hasta el 13/10/2025"),
        ("it", "Scade il 13/10/2025"),
        ("nl", "Geldig tot 13-10-2025"),
        ("pl", "Ważne do 13.10.2025"),
        ("pt", "Válido até 13/10/2025"),
        ("sv", "Slutar idag 13:45"),
        ("da", "Udløber 13. oktober 2025"),
        ("ru", "до 13 октября 2025"),
        ("ja", "2025年10月13日まで"),
        ("zh", "截止 2025年10月13日"),
        ("en", "13.10.2025 - 20.10.2025"),
        ("en", "13.09.2025 - 13.10.2025"),
        ("en", "13 Sep 2025 - 20 Sep 2025"),
        ("en", "Oct 1, 2025 - Oct 10, 2025"),
        ("en", "Posted Oct 1, updated Oct 10"),
        ("en", "today 10:00 - 18:00"),
        ("en", "13 Oct 2025, 10 am to 6 pm"),
        ("en", "2025-10-13T10:00:00 02:00"),
    ] {
        assert_eq!(read(language, text), "", "{language} {text}");
    }
}

#[test]
fn of_several_ages_the_first_moment_counts() {
    for (language, text, expected) in [
        ("en", "Posted 3 days ago, updated 1 hour ago", "2025-10-10T15:00:00Z"),
        ("en", "Updated 1 hour ago, posted 3 days ago", "2025-10-10T15:00:00Z"),
        ("en", "3 days ago (updated 2 days ago)", "2025-10-10T15:00:00Z"),
        ("en", "Posted 3 days ago, updated yesterday", "2025-10-10T15:00:00Z"),
        ("en", "Posted yesterday, updated today", "2025-10-12T00:00:00Z"),
        ("en", "Posted yesterday, updated just now", "2025-10-12T00:00:00Z"),
        ("en", "1 week, 2 days ago", "2025-10-04T15:00:00Z"),
        ("en", "2 days and 3 hours ago", "2025-10-11T12:00:00Z"),
        ("en", "3 days ago, 2 hours away", "2025-10-10T15:00:00Z"),
        ("de", "vor 3 Tagen, aktualisiert vor einer Stunde", "2025-10-10T15:00:00Z"),
        ("de", "vor 2 Tagen 3 Stunden", "2025-10-11T12:00:00Z"),
        ("fr", "il y a 3 jours, modifié il y a 1 heure", "2025-10-10T15:00:00Z"),
        ("es", "hace 3 días, actualizado hace 1 hora", "2025-10-10T15:00:00Z"),
        ("pt", "há 3 dias atrás", "2025-10-10T15:00:00Z"),
        ("pl", "3 dni temu, odświeżono 1 godzinę temu", "2025-10-10T15:00:00Z"),
        ("ja", "3日前 更新 1時間前", "2025-10-10T15:00:00Z"),
        ("ko", "3일 전 수정 1시간 전", "2025-10-10T15:00:00Z"),
    ] {
        assert_eq!(read(language, text), expected, "{language} {text}");
    }
}

#[test]
fn the_first_moment_that_a_program_knows_is_none() {
    for text in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01", "1900-01-01 00:00:00", "100000 days ago"]
    {
        assert_eq!(read("en", text), "", "{text}");
    }
}

#[test]
fn every_language_has_twelve_months_and_seven_units() {
    for words in &DATE_WORDS {
        assert_eq!(words.weekdays.split('|').count(), 7, "{}", words.language);
        assert_eq!(words.months.split('|').count(), 12, "{}", words.language);
        assert_eq!(words.units.split('|').count(), 7, "{}", words.language);
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,40}", number in "[0-9:./ +-]{0,20}", place in any::<prop::sample::Index>()) {
        let words = &DATE_WORDS[place.index(DATE_WORDS.len())];
        read(words.language, &text);
        read(words.language, &number);
        read(words.language, &format!("{number} {text}"));
    }

    #[test]
    fn dates_come_back(day in 1..=28_i8, month in 1..=12_i8, year in 1971..2099_i16, place in any::<prop::sample::Index>()) {
        let words = &DATE_WORDS[place.index(16)];
        let expected = format!("{year}-{month:02}-{day:02}T00:00:00Z");
        prop_assert_eq!(read(words.language, &format!("{day}.{month}.{year}")), expected.clone());
        for name in words.months.split('|').nth(usize::try_from(month - 1).unwrap()).unwrap().split(' ') {
            prop_assert_eq!(read(words.language, &format!("{day}. {name} {year}")), expected.clone(), "{} {}", words.language, name);
        }
    }
}
