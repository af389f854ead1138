//! Words for what a recurring price is paid for, beside the units of CLDR.

use crate::price_period::PricePeriod::{self, Area, Day, Hour, Month, Week, Year};

/// The period, whether `per` or a slash has to precede its words, and the words.
pub(in super::super) const PERIODS: &[(PricePeriod, bool, &str)] = &[
    (
        Month,
        false,
        "mo mos month mth mnth monthly pcm p.c.m pm p.m p/m monat mtl mtl. monatl monatlich monatlich. mois mensuel mensuels mensuelle \
         mensual mensuales mensal mensais mensile mensili al_mese al_mes por_mes ao_mes per_maand p.mnd pr.mnd pr._mnd pr_mnd \
         pr._md pr_md pr.md pr._maned pr_maned i_manaden per_manad miesiecznie mies mies. za_miesiac mesicne mesačne mesacne havonta \
         havi lunar pe_luna aylik aylık в_месяц ежемесячно на_месяц на_місяць помесячно в_мес в_мес. месечно mjesecno mesecno \
         menesiai per_menesi menesi μηνιαια το_μηνα 每月 一个月 月付 か月 ヶ月 毎月 월 매월 한달 một_tháng mỗi_tháng \
         ต่อเดือน เดือนละ per_bulan sebulan bulanan شهريا شهري في_الشهر بالشهر ماهانه ماهیانه לחודש בחודש प्रति_माह \
         प्रतिमाह kuussa kk",
    ),
    (
        Week,
        false,
        "wk week weekly pw p.w p/w woche wochentlich semaine hebdomadaire semanal semanales por_semana settimanali \
         a_settimana per_week ukentlig tygodniowo tydne hetente в_неделю на_тиждень haftalik haftalık 每周 每週 毎週 매주 \
         สัปดาห์ละ ต่อสัปดาห์ per_minggu لكل_اسبوع في_الاسبوع",
    ),
    (
        Day,
        false,
        "daily nightly taglich pro_nacht giornalieri giornaliero journalier diario diarios diaria diária diarias \
         par_nuit per_dag naptai naponta dziennie denne денно в_сутки сутки за_сутки в_день за_ночь посуточно на_добу за_добу добу gunluk \
         günlük gecelik geceligi 每天 每晚 每日 1泊 一泊 一日 泊 하루 1박 일박 ต่อวัน วันละ ต่อคืน คืนละ per_hari sehari يوميا في_اليوم לילה ללילה ליום",
    ),
    (
        Hour,
        false,
        "hr hrs hourly p/h stundlich stündlich a_l'heure por_hora all'ora per_uur i_timen na_godzine za_godzine hodinove \
         orankent oránként в_час за_час на_годину saatlik 每小时 每小時 時給 시급 시간당 ต่อชั่วโมง ชั่วโมงละ per_jam في_الساعة לשעה",
    ),
    (
        Year,
        false,
        "yr yearly annually annual annuel annuels anual anuales p.a pa jahrlich jährlich arlig årlig rocznie rocne évente \
         evente в_год yillik yıllık 每年 年額 毎年 매년 ต่อปี per_tahun setahun سنويا سنوي לשנה",
    ),
    (Area, false, "psf psm pqm m²preis za_m2 坪 平米 평당"),
    (
        Month,
        true,
        "mes mese mesi mois monat monate md mdr mnd maand maned måned manad mån man kuukausi kk miesiac miesiąc mc mies \
         mesic měsíc mesiac mesiace mes. ho hó honap hónap luna lună ay ayi мес мес. месяц місяць міс міс. месец мјесец mjesec mesec menuo mėnesi \
         menesis mēn mēnesi men kuu μηνα μήνα μηνας 月 个月 個月 ヶ月 か月 月間 달 개월 thang tháng เดือน bulan bln bl شهر الشهر ماه חודש חודשי माह महीना \
         mo mth mnth mon month maanden",
    ),
    (
        Week,
        true,
        "w wk week weeks woche wochen sem sem. semaine semana settimana uke uge vecka viikko vk tydzien tydzień tyden týden tyzden týždeň het hét \
         săptămână saptamana неделя неделю нед нед. тиждень тиж седмица tjedan teden savaite nädal nadal εβδομαδα hafta 周 週 星期 週間 주 tuan tuần \
         สัปดาห์ อาทิตย์ minggu اسبوع الاسبوع هفته שבוע सप्ताह",
    ),
    (
        Day,
        true,
        "d day days tag tage nacht jour jours nuit nuitee nuitée dia día dias noche noite giorno notte dag dygn natt nat nacht etmaal paiva päivä yo yö vrk \
         dzien dzień doba dobę dobe den noc deň nap ej éj zi noapte день дня сутки сут сут. ночь доба добу ніч ден нощ dan noć noc noč diena dienu para öö oo paev päev \
         ημερα gun gün gece 天 日 晚 泊 夜 일 박 ngay ngày dem đêm วัน คืน hari malam hr يوم اليوم ليلة روز شب יום לילה दिन night nite",
    ),
    (
        Hour,
        true,
        "h hr hrs hour std std. stunde stunden heure heures hora horas ora ore uur u time timen timme tim tim. t tunti tuntia godz godz. godzina godzinę \
         godzine hod hod. hodina hodinu ora óra ore час ч годину год год. сат sat ura ura. val val. valanda stunda stundā tund ωρα saat sa 小时 小時 時間 \
         시간 gio giờ ชม ชม. ชั่วโมง jam ساعة الساعة ساعت שעה घंटा",
    ),
    (
        Year,
        true,
        "y yr year a an annee année ans ano año anos años anno anni jaar ar år aar vuosi v rok roku rok. ev év an год г г. рік р. година godina godinu leto metai \
         gads aasta ετος χρονο yil yıl sene 年 년 nam năm ปี tahun thn سنة السنة سال שנה वर्ष साल jahr jahre",
    ),
    (
        Area,
        true,
        "m2 qm mq mp m.p m.kv kvm kvm. kvadratmeter quadratmeter metre_carre m_carre metro_cuadrado metro_quadrado metro_quadro neliö nelio m_nelio m.kw m_kw mkw кв.м кв_м \
         м2 m²  м.кв м_кв квм кв.м. кв_метр метр_кв sqm sq.m sq_m sqft sq.ft sq_ft ft2 sqf square_foot square_feet square_metre square_meter sf acre acres hectare hectares ha \
         sotka сотка сотку сот сот. га гектар 坪 平 ㎡ 平方米 平方公尺 平米 平方 평 m平方 gaj गज sq_yd sqyd sq_yard guntha bigha cent. rai ไร่ ตารางเมตร ตร.ม ตรว ตร.ว ตารางวา متر متر_مربع م2 dunam donum dönüm",
    ),
];
