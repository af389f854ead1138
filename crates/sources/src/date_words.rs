//! Words of dates in the languages of marketplaces.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How one language writes dates. Forms are in lower case; those of one meaning are separated by spaces, meanings by `|`, and a
/// `_` stands for a space.
#[derive(Debug)]
pub(crate) struct DateWords {
    /// ISO 639-1.
    pub(crate) language: &'static str,
    /// January to December.
    pub(crate) months: &'static str,
    pub(crate) today: &'static str,
    pub(crate) yesterday: &'static str,
    pub(crate) two_days_ago: &'static str,
    pub(crate) now: &'static str,
    /// Seconds, minutes, hours, days, weeks, months, years.
    pub(crate) units: &'static str,
    /// What says that a span of time lies in the past; `*` where the units say so themselves.
    pub(crate) ago: &'static str,
    /// What stands for the number 1.
    pub(crate) one: &'static str,
    /// Monday to Sunday.
    pub(crate) weekdays: &'static str,
    /// What says that a date is not that of posting, but of an end, a sale, or the like.
    pub(crate) other_events: &'static str,
    /// Whether `10/11/2025` is the 10th of November; unknown where both orders are in use.
    pub(crate) is_day_first: Option<bool>,
}

/// A word in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateWord {
    Month(i8),
    /// Today, yesterday, or the day before.
    DaysAgo(i32),
    Now,
    Unit(DateUnit),
    Ago,
    One,
    /// What follows or precedes is the date of something else than the posting.
    OtherEvent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateUnit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

const UNITS: [DateUnit; 7] = [
    DateUnit::Second,
    DateUnit::Minute,
    DateUnit::Hour,
    DateUnit::Day,
    DateUnit::Week,
    DateUnit::Month,
    DateUnit::Year,
];

impl DateWords {
    /// What a word in lower case means.
    pub(crate) fn find(&self, word: &str) -> Option<DateWord> {
        INDEX.get(self.language)?.meanings.get(word).copied()
    }

    /// The weekday that a word in lower case names, from 1 for Monday. Short forms may also be those of months.
    pub(crate) fn find_weekday(&self, word: &str) -> Option<i8> {
        INDEX.get(self.language)?.weekdays.get(word).copied()
    }
}

/// The words of a language by their forms.
struct WordIndex {
    meanings: HashMap<&'static str, DateWord>,
    weekdays: HashMap<&'static str, i8>,
}

/// The words of each language, by its tag.
static INDEX: LazyLock<HashMap<&'static str, WordIndex>> =
    LazyLock::new(|| DATE_WORDS.iter().map(|words| (words.language, WordIndex::of(words))).collect());

impl WordIndex {
    fn of(words: &DateWords) -> Self {
        let single = [
            (words.today, DateWord::DaysAgo(0)),
            (words.yesterday, DateWord::DaysAgo(1)),
            (words.two_days_ago, DateWord::DaysAgo(2)),
            (words.other_events, DateWord::OtherEvent),
            (words.now, DateWord::Now),
            (words.ago, DateWord::Ago),
            (words.one, DateWord::One),
        ];
        let months = (1..).zip(words.months.split('|')).map(|(month, forms)| (forms, DateWord::Month(month)));
        let units = words.units.split('|').zip(UNITS).map(|(forms, unit)| (forms, DateWord::Unit(unit)));
        let mut meanings = HashMap::new();
        for (forms, meaning) in single.into_iter().chain(months).chain(units) {
            for form in forms.split(' ') {
                meanings.entry(form).or_insert(meaning);
            }
        }
        let weekdays = (1..).zip(words.weekdays.split('|'));
        let weekdays = weekdays.flat_map(|(weekday, forms)| forms.split(' ').map(move |form| (form, weekday)));
        Self { meanings, weekdays: weekdays.collect() }
    }
}

/// The language of a tag such as `de-AT`.
pub(crate) fn find_date_words(tag: &str) -> Option<&'static DateWords> {
    let language = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let language = if matches!(&*language, "no" | "nn") { "nb" } else { &language };
    DATE_WORDS.iter().find(|words| words.language == language)
}

pub(crate) static DATE_WORDS: [DateWords; 19] = [
    DateWords {
        language: "en",
        months: "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|oct october|nov november|dec december",
        today: "today",
        yesterday: "yesterday",
        two_days_ago: "day_before_yesterday",
        now: "now just_now moments_ago",
        units: "s sec secs second seconds|min mins minute minutes m|h hr hrs hour hours|d day days|w wk wks week weeks|mo month months|y yr yrs year years",
        ago: "ago",
        one: "a an one",
        weekdays: "mon monday|tue tues tuesday|wed weds wednesday|thu thur thurs thursday|fri friday|sat saturday|sun sunday",
        other_events: "until till thru through valid expires expiring expired expiry ends ending ended sold available availability closes closing closed deadline starts starting begins built arrives departs",
        is_day_first: None,
    },
    DateWords {
        language: "de",
        months: "jan januar jänner|feb februar|mär mrz maer märz|apr april|mai|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|dez dezember",
        today: "heute",
        yesterday: "gestern",
        two_days_ago: "vorgestern",
        now: "jetzt gerade gerade_eben",
        units: "sekunde sekunden sek|minute minuten min|stunde stunden std|tag tage tagen|woche wochen|monat monate monaten|jahr jahre jahren",
        ago: "vor",
        one: "einer einem eine ein",
        weekdays: "mo montag|di dienstag|mi mittwoch|do donnerstag|fr freitag|sa samstag sonnabend|so sonntag",
        other_events: "bis ab gültig endet ablauf läuft_ab verkauft verfügbar frei_ab beginnt baujahr",
        is_day_first: Some(true),
    },
    DateWords {
        language: "fr",
        months: "janv jan janvier|févr fév fevr fevrier février|mars mar|avr avril|mai|juin|juil juillet|août aout aoû|sept sep septembre|oct octobre|nov novembre|déc dec décembre decembre",
        today: "aujourd'hui aujourd’hui",
        yesterday: "hier",
        two_days_ago: "avant_hier avant-hier",
        now: "maintenant l'instant l’instant",
        units: "seconde secondes sec s|minute minutes min mn|heure heures h|jour jours j|semaine semaines sem|mois|an ans année années",
        ago: "il_y_a depuis",
        one: "un une",
        weekdays: "lun lundi|mar mardi|mer mercredi|jeu jeudi|ven vendredi|sam samedi|dim dimanche",
        other_events: "jusqu'au jusqu’au jusqu'à jusque valable expire fin vendu vendue disponible dès",
        is_day_first: Some(true),
    },
    DateWords {
        language: "es",
        months: "ene enero|feb febrero|mar marzo|abr abril|may mayo|jun junio|jul julio|ago agosto|sep sept set septiembre setiembre|oct octubre|nov noviembre|dic diciembre",
        today: "hoy",
        yesterday: "ayer",
        two_days_ago: "anteayer antier antes_ayer",
        now: "ahora ahora_mismo",
        units: "segundo segundos seg|minuto minutos min|hora horas h|día días dia dias|semana semanas|mes meses|año años",
        ago: "hace",
        one: "un una uno",
        weekdays: "lun lunes|mar martes|mié mie miércoles miercoles|jue jueves|vie viernes|sáb sab sábado sabado|dom domingo",
        other_events: "hasta válido valido vence caduca termina finaliza vendido vendida disponible",
        is_day_first: Some(true),
    },
    DateWords {
        language: "it",
        months: "gen gennaio|feb febbraio|mar marzo|apr aprile|mag maggio|giu giugno|lug luglio|ago agosto|set sett settembre|ott ottobre|nov novembre|dic dicembre",
        today: "oggi",
        yesterday: "ieri",
        two_days_ago: "l'altro_ieri l’altro_ieri altro_ieri altroieri ieri_l'altro avantieri",
        now: "adesso poco_fa",
        units: "secondo secondi|minuto minuti min|ora ore h|giorno giorni|settimana settimane|mese mesi|anno anni",
        ago: "fa",
        one: "un una un' un’",
        weekdays: "lun lunedì|mar martedì|mer mercoledì|gio giovedì|ven venerdì|sab sabato|dom domenica",
        other_events: "fino valido valida scade termina venduto venduta disponibile",
        is_day_first: Some(true),
    },
    DateWords {
        language: "nl",
        months: "jan januari|feb februari|mrt maart|apr april|mei|jun juni|jul juli|aug augustus|sep sept september|okt oktober|nov november|dec december",
        today: "vandaag",
        yesterday: "gisteren",
        two_days_ago: "eergisteren",
        now: "nu zojuist",
        units: "seconde seconden sec|minuut minuten min|uur uren|dag dagen|week weken|maand maanden|jaar jaren",
        ago: "geleden",
        one: "een één",
        weekdays: "ma maandag|di dinsdag|wo woensdag|do donderdag|vr vrijdag|za zaterdag|zo zondag",
        other_events: "tot geldig verloopt eindigt verkocht beschikbaar vanaf",
        is_day_first: Some(true),
    },
    DateWords {
        language: "pl",
        months: "sty stycznia styczeń|lut lutego luty|mar marca marzec|kwi kwietnia kwiecień|maj maja|cze czerwca czerwiec|lip lipca lipiec|sie sierpnia sierpień|wrz września wrzesień|paź października październik|lis listopada listopad|gru grudnia grudzień",
        today: "dzisiaj dziś",
        yesterday: "wczoraj",
        two_days_ago: "przedwczoraj",
        now: "teraz przed_chwilą",
        units: "sekunda sekundy sekund sekundę sek|minuta minuty minut minutę min|godzina godziny godzin godzinę godz|dzień dni|tydzień tygodnie tygodni|miesiąc miesiące miesięcy|rok lata lat",
        ago: "temu",
        one: "jeden jedną",
        weekdays: "pon poniedziałek|wt wtorek|śr środa środę|czw czwartek|pt piątek|sob sobota sobotę|niedz nd niedziela niedzielę",
        other_events: "do ważne ważny wygasa kończy koniec sprzedane sprzedano dostępne",
        is_day_first: Some(true),
    },
    DateWords {
        language: "pt",
        months: "jan janeiro|fev fevereiro|mar março marco|abr abril|mai maio|jun junho|jul julho|ago agosto|set setembro|out outubro|nov novembro|dez dezembro",
        today: "hoje",
        yesterday: "ontem",
        two_days_ago: "anteontem antes_ontem",
        now: "agora agora_mesmo",
        units: "segundo segundos seg|minuto minutos min|hora horas h|dia dias|semana semanas|mês mes meses|ano anos",
        ago: "há atrás",
        one: "um uma",
        weekdays: "seg segunda|ter terça terca|qua quarta|qui quinta|sex sexta|sáb sab sábado sabado|dom domingo",
        other_events: "até válido valido expira termina vendido vendida disponível",
        is_day_first: Some(true),
    },
    DateWords {
        language: "sv",
        months: "jan januari|feb februari|mar mars|apr april|maj|jun juni|jul juli|aug augusti|sep sept september|okt oktober|nov november|dec december",
        today: "idag i_dag",
        yesterday: "igår i_går",
        two_days_ago: "i_förrgår förrgår",
        now: "nu nyss just_nu",
        units: "sekund sekunder sek|minut minuter min|timme timmar tim|dag dagar|vecka veckor|månad månader|år",
        ago: "sedan sen",
        one: "en ett",
        weekdays: "mån måndag|tis tisdag|ons onsdag|tor tors torsdag|fre fredag|lör lördag|sön söndag",
        other_events: "till giltig slutar upphör såld ledig tillgänglig från",
        is_day_first: Some(true),
    },
    DateWords {
        language: "da",
        months: "jan januar|feb februar|mar marts|apr april|maj|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|dec december",
        today: "idag i_dag",
        yesterday: "igår i_går",
        two_days_ago: "i_forgårs forgårs",
        now: "nu lige_nu",
        units: "sekund sekunder sek|minut minutter min|time timer|dag dage|uge uger|måned måneder|år",
        ago: "siden",
        one: "en et",
        weekdays: "man mandag|tir tirsdag|ons onsdag|tor torsdag|fre fredag|lør lørdag|søn søndag",
        other_events: "til gyldig udløber slutter solgt ledig",
        is_day_first: Some(true),
    },
    DateWords {
        language: "nb",
        months: "jan januar|feb februar|mar mars|apr april|mai|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|des desember",
        today: "idag i_dag",
        yesterday: "igår i_går",
        two_days_ago: "i_forgårs forgårs",
        now: "nå akkurat_nå",
        units: "sekund sekunder sek|minutt minutter min|time timer|dag dager|uke uker|måned måneder|år",
        ago: "siden",
        one: "en et ett",
        weekdays: "man mandag|tir tirsdag|ons onsdag|tor torsdag|fre fredag|lør lørdag|søn søndag",
        other_events: "til gyldig utløper slutter solgt ledig",
        is_day_first: Some(true),
    },
    DateWords {
        language: "fi",
        months: "tammi tammikuuta tammikuu|helmi helmikuuta helmikuu|maalis maaliskuuta maaliskuu|huhti huhtikuuta huhtikuu|touko toukokuuta toukokuu|kesä kesäkuuta kesäkuu|heinä heinäkuuta heinäkuu|elo elokuuta elokuu|syys syyskuuta syyskuu|loka lokakuuta lokakuu|marras marraskuuta marraskuu|joulu joulukuuta joulukuu",
        today: "tänään",
        yesterday: "eilen",
        two_days_ago: "toissapäivänä toissapäivä",
        now: "nyt juuri_nyt",
        units: "sekunti sekuntia s|minuutti minuuttia min|tunti tuntia t|päivä päivää pv|viikko viikkoa vk|kuukausi kuukautta kk|vuosi vuotta v",
        ago: "sitten",
        one: "yksi",
        weekdays: "ma maanantai maanantaina|ti tiistai tiistaina|ke keskiviikko keskiviikkona|to torstai torstaina|pe perjantai perjantaina|la lauantai lauantaina|su sunnuntai sunnuntaina",
        other_events: "asti saakka voimassa päättyy myyty vapautuu",
        is_day_first: Some(true),
    },
    DateWords {
        language: "cs",
        months: "led ledna leden|úno února únor|bře března březen|dub dubna duben|kvě května květen|čvn června červen|čvc července červenec|srp srpna srpen|zář září|říj října říjen|lis listopadu listopad|pro prosince prosinec",
        today: "dnes",
        yesterday: "včera",
        two_days_ago: "předevčírem",
        now: "teď nyní právě_teď",
        units: "sekundou sekundami|minutou minutami|hodinou hodinami|dnem dny|týdnem týdny|měsícem měsíci|rokem lety",
        ago: "před",
        one: "jednou jedním",
        weekdays: "po pondělí|út úterý|st středa středu|čt čtvrtek|pá pátek|so sobota sobotu|ne neděle neděli",
        other_events: "do platí platnost končí prodáno dostupné",
        is_day_first: Some(true),
    },
    DateWords {
        language: "hu",
        months: "jan január|febr feb február|márc már március|ápr április|máj május|jún június|júl július|aug augusztus|szept szep szeptember|okt október|nov november|dec december",
        today: "ma",
        yesterday: "tegnap",
        two_days_ago: "tegnapelőtt",
        now: "most éppen_most",
        units: "másodperce mp|perce perccel|órája órával|napja nappal|hete héttel|hónapja hónappal|éve évvel",
        ago: "ezelőtt *",
        one: "egy",
        weekdays: "hétfő|kedd|sze szerda|csütörtök|péntek|szo szombat|vasárnap",
        other_events: "lejár érvényes eladva vége elérhető",
        is_day_first: None,
    },
    DateWords {
        language: "ru",
        months: "янв января январь|фев февр февраля февраль|мар марта март|апр апреля апрель|мая май|июн июня июнь|июл июля июль|авг августа август|сен сент сентября сентябрь|окт октября октябрь|ноя нояб ноября ноябрь|дек декабря декабрь",
        today: "сегодня",
        yesterday: "вчера",
        two_days_ago: "позавчера",
        now: "сейчас только_что",
        units: "секунду секунды секунд сек|минуту минуты минут мин|час часа часов ч|день дня дней|неделю недели недель|месяц месяца месяцев|год года лет",
        ago: "назад",
        one: "один одну",
        weekdays: "пн понедельник|вт вторник|ср среда среду|чт четверг|пт пятница пятницу|сб суббота субботу|вс воскресенье",
        other_events: "до действует истекает заканчивается продано доступно",
        is_day_first: Some(true),
    },
    DateWords {
        language: "tr",
        months: "oca ocak|şub şubat|mar mart|nis nisan|may mayıs|haz haziran|tem temmuz|ağu ağustos|eyl eylül|eki ekim|kas kasım|ara aralık",
        today: "bugün",
        yesterday: "dün",
        two_days_ago: "evvelsi_gün evvelki_gün önceki_gün",
        now: "şimdi az_önce",
        units: "saniye sn|dakika dk|saat sa|gün|hafta|ay|yıl",
        ago: "önce",
        one: "bir",
        weekdays: "pzt pazartesi|sal salı|çar çarşamba|per perşembe|cum cuma|cmt cumartesi|paz pazar",
        other_events: "kadar geçerli biter bitiş satıldı",
        is_day_first: Some(true),
    },
    DateWords {
        language: "ja",
        months: "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
        today: "今日 本日",
        yesterday: "昨日",
        two_days_ago: "一昨日 おととい",
        now: "たった今 今",
        units: "秒前|分前|時間前|日前|週間前|ヶ月前 か月前 カ月前|年前",
        ago: "前 *",
        one: "一",
        weekdays: "月曜 月曜日|火曜 火曜日|水曜 水曜日|木曜 木曜日|金曜 金曜日|土曜 土曜日|日曜 日曜日",
        other_events: "まで 日まで 締切 終了 売り切れ",
        is_day_first: Some(false),
    },
    DateWords {
        language: "zh",
        months: "一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月",
        today: "今天",
        yesterday: "昨天",
        two_days_ago: "前天",
        now: "刚刚 剛剛",
        units: "秒前|分钟前 分鐘前|小时前 小時前|天前|周前 週前|个月前 個月前|年前",
        ago: "前 *",
        one: "一",
        weekdays: "周一 週一 星期一|周二 週二 星期二|周三 週三 星期三|周四 週四 星期四|周五 週五 星期五|周六 週六 星期六|周日 週日 星期日 星期天",
        other_events: "截止 到期 有效 有效期 已售 结束 結束 截至",
        is_day_first: Some(false),
    },
    DateWords {
        language: "ko",
        months: "1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
        today: "오늘",
        yesterday: "어제",
        two_days_ago: "그저께 그제",
        now: "방금",
        units: "초 초전|분 분전|시간 시간전|일 일전|주 주전|개월 개월전 달|년 년전",
        ago: "전 *",
        one: "한",
        weekdays: "월요일|화요일|수요일|목요일|금요일|토요일|일요일",
        other_events: "까지 마감 종료 판매완료",
        is_day_first: Some(false),
    },
];
