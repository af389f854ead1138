//! Words beside amounts: prices of now and before, delivery, deposits, vouchers, ranges, units.

use super::role::Role::{
    self, Asked, Counted, Current, Deposit, Each, Extra, FaceValue, Filler, ForPrice, FormerBefore, FormerBehind, From,
    Included, Instalment, Neutral, Numbered, Off, Per, Range, Reduced, Rent, Saving, Shipping, Unit, UnitPrice,
    Voucher,
};

pub(super) const ROLES: &[(Role, &str)] = &[
    (
        Asked,
        "regular_price bezna_cena p.v.p pvp normalpris normal_price cena_regularna ordinarie_pris ord_pris обычная_цена price priced prices asking ask_price selling_for sell_for sells_for sale_for cost costs preis preise kaufpreis endpreis stuckpreis prix precio \
             preco preço valor prezzo prijs vraagprijs koopprijs pris prisen hinta hintapyynto cena ceny ara ára vetelar vételár \
             pret pret: preț pretul цена цены ценник ціна вартість стоимость cijena cene cijene τιμη fiyat fiyati fiyatı hind kaina cenas \
             سعر السعر قيمة قیمت بسعر מחיר 价格 價格 售价 售價 价钱 價錢 特价 特價 一口价 一口價 現價 现价 現在価格 总价 總價 価格 値段 販売価格 売値 お値段 가격 판매가 판매가격 \
             가격은 gia giá gia_ban giá_bán harga ราคา ขาย कीमत मूल्य दाम মূল্য দাম விலை ధర",
    ),
    (
        Current,
        "now sale sale_price marked_down current currently current_price new_price deal_price our_price your_price today_only reduced_price special_price special \
               clearance final_price offer_price buy_it_now buy_now bin jetzt nun aktuell aktuell_nur nur_noch aktionspreis angebotspreis sonderpreis angebot \
               jetzt_nur neuer_preis maintenant desormais prix_actuel prix_promo promo nouveau_prix prix_soldé prix_solde soldé ahora oferta precio_actual precio_oferta \
               por_solo agora preco_atual promocao adesso ora prezzo_attuale prezzo_scontato scontato offerta voor nu nuprijs aanbieding actieprijs \
               nu_pris nupris nå naa nytt_pris ny_pris nypris_nu kampanjpris reapris tilbud tilbudspris rea na nyt tarjoushinta teraz obecnie obecna_cena cena_promocyjna promocja nowa_cena \
               nyni nyní ted teď akce akcni_cena sleva_na zlavnena_cena akcios_ar akciós_ár most acum pret_redus сейчас теперь по_акции акция новая_цена зараз нова_ціна сега \
               sada akcija τωρα simdi şimdi indirimli indirimli_fiyat الان الآن السعر_الحالي عכשיו עכשיו 现在 現在 现仅 促销价 优惠价 優惠價 \
               特価 セール価格 今なら 即決 即決価格 할인가 지금 현재가 세일가 nay con chi_con chỉ_còn giá_km gia_khuyen_mai sekarang kini harga_promo ตอนนี้ ลดเหลือ เหลือ \
               अब ऑफर for_sale_price for_only only_for",
    ),
    (
        Reduced,
        "down_to reduced_to dropped_to lowered_to marked_down_to cut_to to_just to_only reduziert_auf gesenkt_auf runter_auf auf_nur baisse_a rebajado_a \
               rebajada_a baja_a por_apenas sceso_a ridotto_a sankt_till satt_ned_til nedsat_til afgeprijsd_naar naar snizeno_na obnizona_na przecenione_na 降到 降至 跌到 下調至",
    ),
    (
        FormerBefore,
        "was were reg regular regularly regular_price orig original originally original_price msrp m.s.r.p retail retails retailed retail_price rrp r.r.p srp \
                    list list_price listed_at listed paid worth old_price previous previously previous_price before before_price compare_at compared_at compare_at_price \
                    normally normal_price usual usually usual_price full_price reduced_from down_from dropped_from marked_down_from lowered_from \
                    new_costs cost_new new_for bought_for bought_at originally_paid sells_new_for retails_for retail_value value_of valued_at valued \
                    statt anstatt anstelle uvp neupreis np neu_preis neuwert alter_preis fruher früher vorher ehemals ehem ehem. bisher bisheriger_preis ursprunglich ursprunglicher_preis urspr urspr. \
                    listenpreis ladenpreis originalpreis gekauft_fur normalpreis regularer_preis einkaufspreis war reduziert_von \
                    au_lieu_de avant ancien_prix prix_barre prix_conseille prix_neuf prix_d'origine prix_initial prix_public prix_magasin neuf_a achete valeur_neuf valeur etait \
                    antes antes: precio_anterior precio_original precio_normal precio_de_lista precio_nuevo valia costaba en_vez_de en_lugar_de pvp p.v.p era de_r$_original \
                    de: preco_antigo preco_original preco_normal ao_inves_de em_vez_de custava custou \
                    anziche anziché invece_di prima prezzo_precedente prezzo_originale prezzo_di_listino listino prezzo_pieno prezzo_intero pagato costava \
                    oude_prijs adviesprijs nieuwprijs winkelprijs van_prijs normaal i.p.v ipv in_plaats_van \
                    ord ord. ordinarie ordinarie_pris ordinær ordinaer ordinaer_pris ord.pris ord_pris nypris ny_kostet nykostet innan tidigare tidligere tidligere_pris førpris forpris \
                    veil vejl vejl. veiledende veiledende_pris vejledende_pris listpris listepris normalpris butikspris kostade \
                    ennen aiemmin aikaisemmin norm norm. normaalihinta ovh uutena alkuperainen_hinta \
                    bylo było zamiast stara_cena cena_katalogowa cena_regularna poprzednia_cena cena_przed przed_obnizka wczesniej wartosc wartość \
                    puvodne původně puvodni_cena misto místo bezna_cena porizovaci_cena pořizovací_cena povodne povodna_cena namiesto miesto drive predtym \
                    eredeti_ar eredeti regi_ar régi_ár regi korabban bolti_ar helyett: \
                    pret_vechi vechi inainte pret_initial in_loc_de \
                    было вместо старая_цена прежняя_цена раньше до_этого розничная_цена цена_в_магазине была покупал_за \
                    було замість стара_ціна раніше беше вместо: стара_цена bilo umjesto umesto stara_cijena prije redovna_cijena prej namesto \
                    αντι αρχικη_τιμη παλια_τιμη eski eski_fiyat eski_fiyati liste_fiyati liste_fiyatı onceki_fiyat \
                    كان بدلا_من السعر_القديم السعر_السابق السعر_الاصلي قبل במקום היה מחיר_קודם \
                    原价 原價 原售价 市价 市價 专柜价 吊牌价 建議售價 參考價 参考价 定价 定價 定価 参考価格 通常価格 元値 元の価格 旧価格 希望小売価格 通常 \
                    정가 원래 원가 정상가 소비자가 구매가 새상품가 gia_goc giá_gốc gia_cu giá_cũ gia_niem_yet harga_asal harga_normal harga_lama ราคาปกติ ราคาเดิม จาก ปกติ पहले mrp m.r.p पुरानी_कीमत",
    ),
    (FormerBehind, "retail msrp rrp srp value new_retail retail_value helyett yerine neupreis np list"),
    (
        Shipping,
        "shipping shipping_cost shipping_fee postage p&p p_&_p pp s&h s/h s_&_h p+p delivery delivery_fee delivery_charge freight ship to_ship shipping_costs handling courier \
                versand versandkosten vk vk. vsk vsk. porto lieferung lieferkosten versandt. zustellung frais_de_port port frais_de_livraison livraison envoi fdp envio envío gastos_de_envio \
                portes frete entrega portes_de_envio spedizione spese_di_spedizione sped consegna verzending verzendkosten verzendkost bezorging bezorgkosten frakt fraktkostnad fragt levering \
                toimitus toimituskulut postikulut postitus dostawa dostawy wysylka wysyłka przesylka przesyłka koszt_wysylki doprava postovne poštovné dopravne poslu szallitas szállítás \
                szallitasi_dij postakoltseg livrare transport доставка доставки пересылка доставку postarina poštarina dostava αποστολη μεταφορικα kargo kargo_ucreti توصيل شحن ارسال משלוח \
                运费 運費 邮费 郵費 快递费 送料 配送料 送料込 배송 배송비 배송료 택배비 택배 phi_ship ship_phi tien_ship ongkir ongkos_kirim ค่าส่ง ค่าจัดส่ง शिपिंग saatmine piegade pristatymas",
    ),
    (
        Deposit,
        "deposit security_deposit down_payment downpayment down kaution anzahlung caution depot_de_garantie acompte fianza deposito depósito entrada \
               senal caucao caução caparra cauzione acconto borg aanbetaling waarborg depositum indskud handpenning vuokravakuus takuuvuokra kaucja kaucji zadatek zaliczka \
               kauce zaloha záloha kaucia kaucio kaució foglalo foglaló avans залог депозит задаток предоплата застава завдаток kapara polog kaucija εγγυηση depozito kapora pesinat peşinat \
               عربون تامين مقدم رهن ودیعه פיקדון مقدمة 押金 定金 订金 訂金 首付 頭期款 敷金 礼金 保証金 頭金 手付金 보증금 전세 계약금 tien_coc tiền_cọc coc cọc dat_coc đặt_cọc uang_muka มัดจำ เงินดาวน์ ดาวน์ token_amount",
    ),
    (
        Voucher,
        "voucher vouchers coupon coupons gift_card gift_cards giftcard giftcards gift_certificate gift_certificates e-gift_card egift_card credit credits store_credit rebate rebates cashback \
               cash_back discount promo_code gc bonus gutschein gutscheine rabatt gutscheinkarte guthaben nachlass bon_d'achat bon_de_reduction remise reduction reduction: cheque_cadeau carte_cadeau descuento \
               cupon cupón vale vale_de tarjeta_regalo desconto cupom vale_presente sconto buono buono_sconto buono_regalo carta_regalo korting tegoedbon cadeaubon kadobon cadeaukaart rabat rabatkode gavekort presentkort \
               alennus lahjakortti kupong bon bony znizka zniżka zniżki rabatu kod_rabatowy karta_podarunkowa sleva kupon poukaz slevovy_kupon darkovy_poukaz zlava zľava kedvezmeny kedvezmény utalvany reducere voucherul \
               скидка скидки скидку купон сертификат промокод знижка отстъпка popust vaucer εκπτωση indirim hediye_ceki خصم قسيمة كوبون تخفیف הנחה שובר \
               优惠券 代金券 红包 礼品卡 折扣券 クーポン 割引券 商品券 ギフト券 ポイント 値引き 割引 할인쿠폰 쿠폰 할인 상품권 기프트카드 giam_gia giảm_giá diskon potongan คูปอง ส่วนลด छूट nuolaida atlaide",
    ),
    (
        Off,
        "off discount rebate cheaper less savings taken_off knocked_off gunstiger rabatt de_remise de_reduction de_descuento de_desconto di_sconto korting billigere billigare taniej levnejsi скидки дешевле indirim هזולה 引き 引 オフ 할인 off!",
    ),
    (
        Saving,
        "orders_over orders_above shipping_over on_orders on_orders_over save saves saving you_save save_up_to sie_sparen spare sparen ersparnis du_sparst economisez économie vous_economisez ahorra ahorras ahorre economize economia risparmi risparmia bespaar je_bespaart spar du_sparer saasta oszczedzasz oszczedz \
              usetrite ušetříte usetri megtakaritas economisesti экономия выгода вы_экономите economia: less minus discount_of discount_up_to up_to discount: 省 立减 立減 おトク お得 tiet_kiem hemat ประหยัด",
    ),
    (
        Extra,
        "fee fees tax taxes hoa utilities surcharge service_fee buyer_fee admin_fee installation nebenkosten nk provision gebuhr gebühr ablose ablöse zzgl zuzuglich charges frais honoraires taxe_fonciere gastos comunidad ibi condominio \
             iptu taxa spese spese_condominiali servicekosten servicekost bemiddelingskosten fellesutgifter felleskost faellesudgifter avgift manadsavgift hoitovastike vastike oplaty czynsz_administracyjny media prowizja poplatky provize rezsi kozos_koltseg intretinere комиссия коммуналка \
             комуналка komisyon aidat 管理費 管理费 管理費用 手数料 中介费 物业费 관리비 수수료 phi_dich_vu maintenance tip",
    ),
    (
        Rent,
        "rent rental rent: miete kaltmiete warmmiete gesamtmiete monatsmiete mietpreis loyer alquiler arriendo renta aluguel aluguer canone canone_mensile affitto noleggio_mensile huur huurprijs kale_huur husleje hyra månadshyra leie månedsleie husleie vuokra najem nájem najemne nájemné czynsz odstepne \
            wynajem alberleti_dij berleti_dij bérleti_díj chirie kirje najamnina ενοικιο kira kirasi 租 出租 招租 放租 租價 租价 ايجار إيجار اجاره الايجار שכירות שכד 租金 月租 月租金 房租 家賃 賃料 月額 月々 월세 월 gia_thue tien_thue sewa_bulanan ค่าเช่า किराया bulanan_sewa",
    ),
    (
        Instalment,
        "instalments installments installment instalment payments raten rate ratenzahlung mensualites mensualidades cuotas cuota parcelas parcela vezes rate_da rate_mensili termijnen avbetalning rat raty splatek splatky платежей рассрочка taksit taksitle قسط أقساط اقساط 分期 期 分割 할부 개월_할부 tra_gop sin_interes sem_juros",
    ),
    (
        Per,
        "per a an each every pro je par por al alla all' per_ for för pr pr. i im om na za w o в за на το τον την ana başına baslik 每 毎 ต่อ ละ setiap لكل في بال كل ל ב प्रति प्र فی la le the el il der die das os os. / alle à au du da do dla uz",
    ),
    (
        Each,
        "each ea ea. apiece piece pieces pc pcs unit stuck stück stk stk. st stuk stuks piece. pieza pza unidad unidade unid cad cadauno cada cadauna l'uno l'una chacun l'unite stykke styck styk kpl szt szt. sztuka sztuke sztukę ks kus db darab buc buc. bucata шт шт. штука штуку за_шт бр бр. kom kom. kos τεμαχιο adet tane \
            للقطعة قطعة قطعه عدد יחידה 个 個 件 张 張 只 条 本 枚 台 つ 개 장 대 cai cái chiec chiếc buah pcs. ชิ้น อัน ตัว",
    ),
    (ForPrice, "for fur für pour por per voor za за → => -> zu por_apenas por_solo"),
    (
        Range,
        "to bis hasta para até ate a à fino tot till til do az do_ până pana до - ~ – až ως إلى الى تا עד 至 到 から ~から 에서 den đến sampai ถึง se से through thru and y und",
    ),
    (From, "from von vom de da van från fran fra od с з z ze fra_kr desde dès des từ tu dari از من 从 從"),
    (
        FaceValue,
        "coin coins bill banknote banknotes note münze muenze münzen muenzen goldmünze silbermünze gedenkmünze schein geldschein geldscheine banknoten moneta monete monety \
              banconota billete moneda monedas munt munten bankbiljet mynt mynter sedel seddel kolikko juhlaraha seteli banknot mince bankovka pièce_commemorative pieces_de_monnaie monnaie \
              moeda moedas nota cédula монета монеты купюра банкнота 硬币 硬幣 紀念幣 纪念币 纸币 紙鈔 記念硬貨 硬貨 紙幣 古銭 주화 지폐 동전 tiền_xu tiền_giấy koin เหรียญ ธนบัตร",
    ),
    (
        UnitPrice,
        "unit_price price_per_unit stückpreis_pro_kg grundpreis prix_unitaire prix_au_m2 precio_unitario preço_unitário prezzo_unitario stuksprijs jednotková_cena jednotkova_cena 单价 單價 坪単価 単価 단가 평당가 đơn_giá harga_satuan",
    ),
    (
        Counted,
        "mileage odometer run driven views followers subscribers laufleistung kilometerstand km-stand kilométrage kilometraje chilometraggio kilometerstand körsträcka przebieg пробег пробіг 走行 走行距離 里程 行驶 行駛 行程 公里数 公里數 浏览 瀏覽 播放 粉丝 粉絲 주행 주행거리 조회 odo lượt_xem",
    ),
    (
        Filler,
        "is are at of only just about around approx approx. approximately ca ca. circa roughly est est. my the our your its it's for: ist sind von nur noch fur für ungefahr etwa zirka est_de de d' d del della di a environ seulement juste es solo sólo sols aprox cerca por apenas só e \
             solo: circa: soli slechts maar ongeveer voor er är om kun bare cirka on vain noin tylko okolo około jen pouze cca csak kb numai doar это всего только около примерно лише саме лиш само около: samo oko μονο περιπου sadece yaklasik فقط حوالي רק 仅 仅需 只要 僅 約 约 たったの 단 약 chi chỉ khoang khoảng hanya cuma cume เพียง แค่ सिर्फ केवल \
             today then as low priced_at low starting po по reserve estimate wert: amount total totale gesamt in",
    ),
    (
        Neutral,
        "k.k k.k. v.o.n or oder ou eller tai lub albo nebo alebo vagy sau или або ili veya أو או 或 または 또는 hoặc atau หรือ firm fp asking price priced only just each ea cash now about around approx ca per a was is the on pickup pick local negotiable hidden reduced new used cash_only non not neg bo best offer offers festpreis fp. inkl inkl. incl incl. included including excl excl. plus tax vat mwst mwst. gst ust ttc ht ht. \
              hors_taxes tva iva incluido bruttó brutto netto + kdv dahil pvn pdv ндс с_ндс vb ab from desde dès des à_partir_de a_partir_de da a_partire_da vanaf från fra fran alkaen od von от від от_ az -tól από itibaren من ابتداء 起 より から 부터 tu từ mulai dari เริ่มต้น 税込 税別 税抜 込 込み 送料込み 送料無料 무료배송 무료_배송 remise_en_main_propre remise_en_main 包邮 包郵 免运 免運 \
              しました です 입니다 이에요 오 에 with mit avec con com z s с со за sale obo shipped ovp neu gebraucht each. euro price. !",
    ),
    (
        Unit,
        "km kms miles mile mi mls kilometers kilometer км cm mm м см мм m mtr meter metre meters metres inch inches in zoll zoll. ft feet foot yd kg g gr gram grams lb lbs oz t ton tons gb tb mb ghz mhz hz w kw kwh watt watts v volt volts ah mah ps hp cv л.с лс л l ltr liter litre liters litres ml cl cc ccm qm m2 sqm sqft ha \
            rooms room bedroom bedrooms bed beds bath baths br bd zimmer zi zi. pieces_rooms pieces piece chambres chambre pieza habitaciones habitacion hab dormitorios quartos camere camera locali locale kamers kamer slaapkamers rum vaerelser værelser soverom huone huonetta h pokoje pokoi pokoj izb izby szoba camere_ комнат комнаты комн кімнат \
            oda kinder persons person people personen personnes personas pers seats seater seat doors door dr years year yrs yr jahre jahr ans ano anos años months days hours hrs h min minutes sec s stunden tickets ticket pictures picture photos photo bilder bild fotos foto images pcs pc pieces. stuck stück stk stk. st szt шт ks db kpl \
            pack packs pairs pair sets bottles bottle books discs disc games game players channels cores fach x px mp fps p k_miles % ° mph km/h gal gallon gallons gears gear speed gang gange speeds",
    ),
    (
        Numbered,
        "iphone ipad ipod playstation ps xbox galaxy pixel golf windows series serie gopro hero model modell note redmi macbook thinkpad rtx gtx bmw audi mazda peugeot renault clio polo passat mercedes vw nokia honor huawei oneplus realme poco nikon canon sony ryzen core lego size gr grosse größe taille talla taglia maat storlek str rozmiar velikost размер nr no vol volume band teil part lot chapter \
                season staffel saison tome tomo fifa fallout mario gta civ type typ mk gen watch airpods switch wii surface f1 room platz level grade class klasse top plz",
    ),
    (
        Included,
        "moglich möglich possible included include inkl inclus incluse incluso incluido incluida inclusief mogelijk mulig ingar ingår inkluderet inkludert sisaltyy mozliwa w_cenie mozna možná v_cene lehetseges inclus. возможна включена включена_в_цену dahil available extra gegen auf_anfrage przez_ kostenlos gratis free offert offerte gratuit gratuite gratuita grátis zusatzlich only ok",
    ),
];
