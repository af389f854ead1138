//! Words that say whether the seller takes offers.

use super::role::Role::{self, Firm, Negation, Offer};

pub(super) const OFFERS: &[(Role, &str)] = &[
    (
        Offer,
        "obo o.b.o ono o.n.o oro oiro o.i.r.o best_offer nearest_offer open_to_offers offers_welcome make_offer make_an_offer make_me_an_offer taking_offers accepting_offers negotiable negotiate neg neg. nego \
             vb v.b vhb vhs verhandlungsbasis verhandelbar verhandlungssache preisvorschlag preisvorstellung a_debattre à_débattre debattre négociable negociable negociables faire_offre faire_proposition negociavel negociável aceito_propostas aceito_ofertas acepto_ofertas escucho_ofertas se_aceptan_ofertas precio_negociable charlable conversable \
             trattabile trattabili tratt tratt. n.o.t.k notk bieden bod t.e.a.b teab bod_vanaf onderhandelbaar prijs_nader hbo h.b.o prutbart prutes prut pruta pruting diskuterbart diskuterbar kan_diskuteras hogstbjudande högstbjudande buda bud gi_bud giv_bud giv_et_bud byd bydes budgivning \
             tingittavissa tinkimisvara hintapyynto tarjoa tarjotaan do_negocjacji negocjacja negocjacji do_uzgodnienia mozliwa_negocjacja dohodou dohoda dohodu cena_dohodou moznost_dohody sleva_mozna dohoda_mozna alkukepes alkuképes alku iranyar irányár megegyezes negociabil neg_. usor_negociabil \
             торг торг_уместен возможен_торг торг_возможен договорная договорная_цена договорной договірна договірна_ціна торг_доречний можливий_торг по_договаряне по_договореност договаряне po_dogovoru dogovor po_dogovoru. moguc_dogovor συζητησιμη συζητησιμα pazarlik pazarlık pazarlikli pazarlıklı pazarlik_payi pazarlik_olur \
             قابل_للتفاوض تفاوض للتفاوض على_السوم توافقی توافقي قابل_مذاکره מתגמש גמיש ניתן_למשא_ומתן 可议价 可議價 议价 議價 面议 面議 可小刀 可刀 小刀 可讲价 可商量 値下げ可 値下げ可能 値下げ交渉可 値段交渉可 値引き可 価格交渉可 値下げOK 値下げok \
             네고가능 네고 네고_가능 흥정가능 가격제안 가격제안가능 제안_가능 가격_제안_가능 thuong_luong thương_lượng co_thuong_luong thoa_thuan thỏa_thuận bot_loc fix_nhe bisa_nego boleh_nego boleh_runding runding nego_tipis masih_nego ต่อรองได้ ต่อได้ ต่อรองราคาได้ मोलभाव kokkuleppel derinamas sutartine pazar",
    ),
    (
        Firm,
        "firm fixed fixed_price no_offers non-negotiable nonnegotiable festpreis fp prix_ferme ferme precio_fijo preco_fixo prezzo_fisso non_trattabile vaste_prijs fast_pris ei_tingi kiintea_hinta cena_ostateczna bez_negocjacji pevna_cena fix_ar fix_ár pret_fix без_торга торг_не_уместен без_торгу fiksna_cijena \
            son_fiyat pazarlik_yok غير_قابل_للتفاوض 不议价 不議價 不刀 不讲价 値下げ不可 値引き不可 値下げ交渉不可 네고불가 네고_불가 노네고 harga_net harga_pas khong_thuong_luong không_thương_lượng miễn_trả_giá ไม่ต่อ งดต่อ",
    ),
    (
        Negation,
        "non not no never nicht kein keine keinen nie ne pas sans niet geen ei ikke inte ej nem bez ne_ nu fara fără не без без_ ni nije hayir yok degil değil لا غير بدون ليس לא ללא 不 非 khong không tidak bukan tak ไม่ नहीं sin sem senza uten uden utan",
    ),
];
