//! Words of dates in the languages of marketplaces.

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
    pub(crate) now: &'static str,
    /// Seconds, minutes, hours, days, weeks, months, years.
    pub(crate) units: &'static str,
    /// What says that a span of time lies in the past; `*` where the units say so themselves.
    pub(crate) ago: &'static str,
    /// What stands for the number 1.
    pub(crate) one: &'static str,
    /// Whether `10/11/2025` is the 10th of November; unknown where both orders are in use.
    pub(crate) is_day_first: Option<bool>,
}

/// A word in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateWord {
    Month(i8),
    Today,
    Yesterday,
    Now,
    Unit(DateUnit),
    Ago,
    One,
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
        let is_among = |forms: &str| forms.split(' ').any(|form| form == word);
        let place = |meanings: &str| meanings.split('|').position(is_among);
        let single = [
            (self.today, DateWord::Today),
            (self.yesterday, DateWord::Yesterday),
            (self.now, DateWord::Now),
            (self.ago, DateWord::Ago),
            (self.one, DateWord::One),
        ];
        let unit = || place(self.units).map(|at| DateWord::Unit(UNITS[at]));
        let month = || place(self.months).and_then(|at| i8::try_from(at + 1).ok()).map(DateWord::Month);
        single.into_iter().find(|(forms, _)| is_among(forms)).map(|(_, word)| word).or_else(month).or_else(unit)
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
        now: "now just_now moments_ago",
        units: "s sec secs second seconds|min mins minute minutes m|h hr hrs hour hours|d day days|w wk wks week weeks|mo month months|y yr yrs year years",
        ago: "ago",
        one: "a an one",
        is_day_first: None,
    },
    DateWords {
        language: "de",
        months: "jan januar jänner|feb februar|mär mrz maer märz|apr april|mai|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|dez dezember",
        today: "heute",
        yesterday: "gestern",
        now: "jetzt gerade gerade_eben",
        units: "sekunde sekunden sek|minute minuten min|stunde stunden std|tag tage tagen|woche wochen|monat monate monaten|jahr jahre jahren",
        ago: "vor",
        one: "einer einem eine ein",
        is_day_first: Some(true),
    },
    DateWords {
        language: "fr",
        months: "janv jan janvier|févr fév fevr fevrier février|mars mar|avr avril|mai|juin|juil juillet|août aout aoû|sept sep septembre|oct octobre|nov novembre|déc dec décembre decembre",
        today: "aujourd'hui aujourd’hui",
        yesterday: "hier",
        now: "maintenant l'instant l’instant",
        units: "seconde secondes sec s|minute minutes min mn|heure heures h|jour jours j|semaine semaines sem|mois|an ans année années",
        ago: "il_y_a depuis",
        one: "un une",
        is_day_first: Some(true),
    },
    DateWords {
        language: "es",
        months: "ene enero|feb febrero|mar marzo|abr abril|may mayo|jun junio|jul julio|ago agosto|sep sept set septiembre setiembre|oct octubre|nov noviembre|dic diciembre",
        today: "hoy",
        yesterday: "ayer",
        now: "ahora ahora_mismo",
        units: "segundo segundos seg|minuto minutos min|hora horas h|día días dia dias|semana semanas|mes meses|año años",
        ago: "hace",
        one: "un una uno",
        is_day_first: Some(true),
    },
    DateWords {
        language: "it",
        months: "gen gennaio|feb febbraio|mar marzo|apr aprile|mag maggio|giu giugno|lug luglio|ago agosto|set sett settembre|ott ottobre|nov novembre|dic dicembre",
        today: "oggi",
        yesterday: "ieri",
        now: "adesso poco_fa",
        units: "secondo secondi|minuto minuti min|ora ore h|giorno giorni|settimana settimane|mese mesi|anno anni",
        ago: "fa",
        one: "un una un' un’",
        is_day_first: Some(true),
    },
    DateWords {
        language: "nl",
        months: "jan januari|feb februari|mrt maart|apr april|mei|jun juni|jul juli|aug augustus|sep sept september|okt oktober|nov november|dec december",
        today: "vandaag",
        yesterday: "gisteren",
        now: "nu zojuist",
        units: "seconde seconden sec|minuut minuten min|uur uren|dag dagen|week weken|maand maanden|jaar jaren",
        ago: "geleden",
        one: "een één",
        is_day_first: Some(true),
    },
    DateWords {
        language: "pl",
        months: "sty stycznia styczeń|lut lutego luty|mar marca marzec|kwi kwietnia kwiecień|maj maja|cze czerwca czerwiec|lip lipca lipiec|sie sierpnia sierpień|wrz września wrzesień|paź października październik|lis listopada listopad|gru grudnia grudzień",
        today: "dzisiaj dziś",
        yesterday: "wczoraj",
        now: "teraz przed_chwilą",
        units: "sekunda sekundy sekund sekundę sek|minuta minuty minut minutę min|godzina godziny godzin godzinę godz|dzień dni|tydzień tygodnie tygodni|miesiąc miesiące miesięcy|rok lata lat",
        ago: "temu",
        one: "jeden jedną",
        is_day_first: Some(true),
    },
    DateWords {
        language: "pt",
        months: "jan janeiro|fev fevereiro|mar março marco|abr abril|mai maio|jun junho|jul julho|ago agosto|set setembro|out outubro|nov novembro|dez dezembro",
        today: "hoje",
        yesterday: "ontem",
        now: "agora agora_mesmo",
        units: "segundo segundos seg|minuto minutos min|hora horas h|dia dias|semana semanas|mês mes meses|ano anos",
        ago: "há atrás",
        one: "um uma",
        is_day_first: Some(true),
    },
    DateWords {
        language: "sv",
        months: "jan januari|feb februari|mar mars|apr april|maj|jun juni|jul juli|aug augusti|sep sept september|okt oktober|nov november|dec december",
        today: "idag i_dag",
        yesterday: "igår i_går",
        now: "nu nyss just_nu",
        units: "sekund sekunder sek|minut minuter min|timme timmar tim|dag dagar|vecka veckor|månad månader|år",
        ago: "sedan sen",
        one: "en ett",
        is_day_first: Some(true),
    },
    DateWords {
        language: "da",
        months: "jan januar|feb februar|mar marts|apr april|maj|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|dec december",
        today: "idag i_dag",
        yesterday: "igår i_går",
        now: "nu lige_nu",
        units: "sekund sekunder sek|minut minutter min|time timer|dag dage|uge uger|måned måneder|år",
        ago: "siden",
        one: "en et",
        is_day_first: Some(true),
    },
    DateWords {
        language: "nb",
        months: "jan januar|feb februar|mar mars|apr april|mai|jun juni|jul juli|aug august|sep sept september|okt oktober|nov november|des desember",
        today: "idag i_dag",
        yesterday: "igår i_går",
        now: "nå akkurat_nå",
        units: "sekund sekunder sek|minutt minutter min|time timer|dag dager|uke uker|måned måneder|år",
        ago: "siden",
        one: "en et ett",
        is_day_first: Some(true),
    },
    DateWords {
        language: "fi",
        months: "tammi tammikuuta tammikuu|helmi helmikuuta helmikuu|maalis maaliskuuta maaliskuu|huhti huhtikuuta huhtikuu|touko toukokuuta toukokuu|kesä kesäkuuta kesäkuu|heinä heinäkuuta heinäkuu|elo elokuuta elokuu|syys syyskuuta syyskuu|loka lokakuuta lokakuu|marras marraskuuta marraskuu|joulu joulukuuta joulukuu",
        today: "tänään",
        yesterday: "eilen",
        now: "nyt juuri_nyt",
        units: "sekunti sekuntia s|minuutti minuuttia min|tunti tuntia t|päivä päivää pv|viikko viikkoa vk|kuukausi kuukautta kk|vuosi vuotta v",
        ago: "sitten",
        one: "yksi",
        is_day_first: Some(true),
    },
    DateWords {
        language: "cs",
        months: "led ledna leden|úno února únor|bře března březen|dub dubna duben|kvě května květen|čvn června červen|čvc července červenec|srp srpna srpen|zář září|říj října říjen|lis listopadu listopad|pro prosince prosinec",
        today: "dnes",
        yesterday: "včera",
        now: "teď nyní právě_teď",
        units: "sekundou sekundami|minutou minutami|hodinou hodinami|dnem dny|týdnem týdny|měsícem měsíci|rokem lety",
        ago: "před",
        one: "jednou jedním",
        is_day_first: Some(true),
    },
    DateWords {
        language: "hu",
        months: "jan január|febr feb február|márc már március|ápr április|máj május|jún június|júl július|aug augusztus|szept szep szeptember|okt október|nov november|dec december",
        today: "ma",
        yesterday: "tegnap",
        now: "most éppen_most",
        units: "másodperce mp|perce perccel|órája órával|napja nappal|hete héttel|hónapja hónappal|éve évvel",
        ago: "ezelőtt *",
        one: "egy",
        is_day_first: None,
    },
    DateWords {
        language: "ru",
        months: "янв января январь|фев февр февраля февраль|мар марта март|апр апреля апрель|мая май|июн июня июнь|июл июля июль|авг августа август|сен сент сентября сентябрь|окт октября октябрь|ноя нояб ноября ноябрь|дек декабря декабрь",
        today: "сегодня",
        yesterday: "вчера",
        now: "сейчас только_что",
        units: "секунду секунды секунд сек|минуту минуты минут мин|час часа часов ч|день дня дней|неделю недели недель|месяц месяца месяцев|год года лет",
        ago: "назад",
        one: "один одну",
        is_day_first: Some(true),
    },
    DateWords {
        language: "tr",
        months: "oca ocak|şub şubat|mar mart|nis nisan|may mayıs|haz haziran|tem temmuz|ağu ağustos|eyl eylül|eki ekim|kas kasım|ara aralık",
        today: "bugün",
        yesterday: "dün",
        now: "şimdi az_önce",
        units: "saniye sn|dakika dk|saat sa|gün|hafta|ay|yıl",
        ago: "önce",
        one: "bir",
        is_day_first: Some(true),
    },
    DateWords {
        language: "ja",
        months: "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
        today: "今日 本日",
        yesterday: "昨日",
        now: "たった今 今",
        units: "秒前|分前|時間前|日前|週間前|ヶ月前 か月前 カ月前|年前",
        ago: "前 *",
        one: "一",
        is_day_first: Some(false),
    },
    DateWords {
        language: "zh",
        months: "一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月",
        today: "今天",
        yesterday: "昨天",
        now: "刚刚 剛剛",
        units: "秒前|分钟前 分鐘前|小时前 小時前|天前|周前 週前|个月前 個月前|年前",
        ago: "前 *",
        one: "一",
        is_day_first: Some(false),
    },
    DateWords {
        language: "ko",
        months: "1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
        today: "오늘",
        yesterday: "어제",
        now: "방금",
        units: "초 초전|분 분전|시간 시간전|일 일전|주 주전|개월 개월전 달|년 년전",
        ago: "전 *",
        one: "한",
        is_day_first: Some(false),
    },
];
