"""The words dates are written with: months, weekdays, times of day, zones, "published" and "updated".

Owns: the tables, as news prints them. Must not know: how a date is put together from them.

Months run from January (Farvardin, Muharram), weekdays from Monday; `|` parts them and `,` parts spellings of one. What
the fold unites (hamza, alef, yeh, case, accents) is written once. Wide and short names follow CLDR; what news adds to
it (Maghreb and Levantine months, Afghan months, older spellings) comes after them.
"""

from __future__ import annotations

from newsclean.fields.calendars import Calendar

# (language, calendar) -> names. A name that two languages give to different months (Polish and Croatian `listopada`) is
# read by the language of the text, and left undecided without one.
MONTHS: dict[tuple[str, Calendar], str] = {
    ("en", "gregorian"): "january,jan|february,feb|march,mar|april,apr|may|june,jun|july,jul|august,aug|september,"
    "sept,sep|october,oct|november,nov|december,dec",
    ("de", "gregorian"): "januar,jänner,jan|februar,feber,feb|märz,maerz,mär,mrz|april,apr|mai|juni,jun|juli,jul|"
    "august,aug|september,sept,sep|oktober,okt|november,nov|dezember,dez",
    ("fr", "gregorian"): "janvier,janv|février,févr,fév|mars|avril,avr|mai|juin|juillet,juil|août|septembre,sept|"
    "octobre,oct|novembre,nov|décembre,déc",
    ("es", "gregorian"): "enero,ene|febrero,feb|marzo,mar|abril,abr|mayo,may|junio,jun|julio,jul|agosto,ago|"
    "septiembre,setiembre,sept,sep|octubre,oct|noviembre,nov|diciembre,dic",
    ("pt", "gregorian"): "janeiro,jan|fevereiro,fev|março,mar|abril,abr|maio,mai|junho,jun|julho,jul|agosto,ago|"
    "setembro,set|outubro,out|novembro,nov|dezembro,dez",
    ("it", "gregorian"): "gennaio,gen|febbraio,feb|marzo,mar|aprile,apr|maggio,mag|giugno,giu|luglio,lug|agosto,"
    "ago|settembre,set,sett|ottobre,ott|novembre,nov|dicembre,dic",
    ("ca", "gregorian"): "gener,gen|febrer,febr|març|abril,d'abril,abr|maig|juny|juliol,jul|agost,d'agost,ag|"
    "setembre,set|octubre,d'octubre,oct|novembre,nov|desembre,des",
    ("ro", "gregorian"): "ianuarie,ian|februarie,feb|martie,mar|aprilie,apr|mai|iunie,iun|iulie,iul|august,aug|"
    "septembrie,sept|octombrie,oct|noiembrie,noi|decembrie,dec",
    ("nl", "gregorian"): "januari,jan|februari,feb|maart,mrt|april,apr|mei|juni,jun|juli,jul|augustus,aug|"
    "september,sep|oktober,okt|november,nov|december,dec",
    ("sv", "gregorian"): "januari,jan|februari,feb|mars|april,apr|maj|juni|juli|augusti,aug|september,sep|oktober,"
    "okt|november,nov|december,dec",
    ("no", "gregorian"): "januar,jan|februar,feb|mars,mar|april,apr|mai|juni,jun|juli,jul|august,aug|september,sep|"
    "oktober,okt|november,nov|desember,des",
    ("da", "gregorian"): "januar,jan|februar,feb|marts,mar|april,apr|maj|juni,jun|juli,jul|august,aug|september,"
    "sep|oktober,okt|november,nov|december,dec",
    ("fi", "gregorian"): "tammikuuta,tammikuu|helmikuuta,helmikuu|maaliskuuta,maaliskuu|huhtikuuta,huhtikuu|"
    "toukokuuta,toukokuu|kesäkuuta,kesäkuu|heinäkuuta,heinäkuu|elokuuta,elokuu|syyskuuta,syyskuu|lokakuuta,lokakuu|"
    "marraskuuta,marraskuu|joulukuuta,joulukuu",
    ("pl", "gregorian"): "stycznia,styczeń,sty|lutego,luty,lut|marca,marzec,mar|kwietnia,kwiecień,kwi|maja,maj|"
    "czerwca,czerwiec,cze|lipca,lipiec,lip|sierpnia,sierpień,sie|września,wrzesień,wrz|października,październik,"
    "paź|listopada,listopad,lis|grudnia,grudzień,gru",
    ("cs", "gregorian"): "ledna,leden|února,únor|března,březen|dubna,duben|května,květen|června,červen|července,"
    "červenec|srpna,srpen|září|října,říjen|listopadu,listopad|prosince,prosinec",
    ("hr", "gregorian"): "siječnja,siječanj|veljače,veljača|ožujka,ožujak|travnja,travanj|svibnja,svibanj|lipnja,"
    "lipanj|srpnja,srpanj|kolovoza,kolovoz|rujna,rujan|listopada,listopad|studenoga,studenog,studeni|prosinca,"
    "prosinac",
    ("hu", "gregorian"): "január,jan|február,febr|március,márc|április,ápr|május,máj|június,jún|július,júl|"
    "augusztus,aug|szeptember,szept|október,okt|november,nov|december,dec",
    ("ru", "gregorian"): "января,январь,янв|февраля,февраль,февр,фев|марта,март,мар|апреля,апрель,апр|мая,май|июня,"
    "июнь,июн|июля,июль,июл|августа,август,авг|сентября,сентябрь,сент,сен|октября,октябрь,окт|ноября,ноябрь,нояб,"
    "ноя|декабря,декабрь,дек",
    ("uk", "gregorian"): "січня,січень,січ|лютого,лютий,лют|березня,березень,бер|квітня,квітень,квіт|травня,"
    "травень,трав|червня,червень,черв|липня,липень,лип|серпня,серпень,серп|вересня,вересень,вер|жовтня,жовтень,"
    "жовт|листопада,листопад,лист|грудня,грудень,груд",
    ("bg", "gregorian"): "януари,яну|февруари,фев|март|април,апр|май|юни|юли|август,авг|септември,сеп|октомври,окт|"
    "ноември,ное|декември,дек",
    ("el", "gregorian"): "ιανουαρίου,ιανουάριος,ιαν|φεβρουαρίου,φεβρουάριος,φεβ|μαρτίου,μάρτιος,μαρ|απριλίου,"
    "απρίλιος,απρ|μαΐου,μάιος,μάι|ιουνίου,ιούνιος,ιουν|ιουλίου,ιούλιος,ιουλ|αυγούστου,αύγουστος,αυγ|σεπτεμβρίου,"
    "σεπτέμβριος,σεπ|οκτωβρίου,οκτώβριος,οκτ|νοεμβρίου,νοέμβριος,νοε|δεκεμβρίου,δεκέμβριος,δεκ",
    ("tr", "gregorian"): "ocak,oca|şubat,şub|mart,mar|nisan,nis|mayıs,may|haziran,haz|temmuz,tem|ağustos,ağu|eylül,"
    "eyl|ekim,eki|kasım,kas|aralık,ara",
    ("az", "gregorian"): "yanvar,yan|fevral,fev|mart,mar|aprel,apr|may|iyun|iyul|avqust,avq|sentyabr|oktyabr,okt|"
    "noyabr,noy|dekabr,dek",
    ("id", "gregorian"): "januari,jan|februari,pebruari,feb|maret,mar|april,apr|mei|juni,jun|juli,jul|agustus,agu,"
    "agt,ags|september,sep,sept|oktober,okt|november,nopember,nov|desember,des",
    ("ms", "gregorian"): "januari,jan|februari,feb|mac|april,apr|mei|jun|julai,jul|ogos,ogo|september,sep|oktober,"
    "okt|november,nov|disember,dis",
    ("sw", "gregorian"): "januari,jan|februari,feb|machi,mac|aprili,apr|mei|juni,jun|julai,jul|agosti,ago|septemba,"
    "sep|oktoba,okt|novemba,nov|desemba,des",
    ("ku", "gregorian"): "rêbendan|sibat|adar|nîsan|gulan|hezîran|tîrmeh|tebax|îlon|cotmeh|mijdar|berfanbar",
    ("ckb", "gregorian"): "کانوونی دووەم|شوبات|ئازار|نیسان|ئایار|حوزەیران|تەممووز,تەمموز|ئاب|ئەیلوول,ئەیلول|"
    "تشرینی یەکەم|تشرینی دووەم|کانوونی یەکەم",
    ("ar", "gregorian"): "يناير,كانون الثاني,جانفي|فبراير,شباط,فيفري|مارس,آذار|أبريل,إبريل,نيسان,أفريل|مايو,أيار,"
    "ماي|يونيو,يونيه,حزيران,جوان|يوليو,يوليه,تموز,جويلية,يوليوز|أغسطس,آب,أوت,غشت|سبتمبر,أيلول,شتنبر|أكتوبر,اكتوبر,"
    "تشرين الأول|نوفمبر,تشرين الثاني,نونبر|ديسمبر,كانون الأول,دجنبر",
    ("fa", "gregorian"): "ژانویه,جنوری|فوریه,فبروری|مارس,مارچ|آوریل,آپریل,اپریل|مه,می|ژوئن,جون|ژوئیه,جولای,جولای|"
    "اوت,آگوست,اگست|سپتامبر,سپتمبر|اکتبر,اکتوبر|نوامبر,نومبر|دسامبر,دسمبر",
    ("ur", "gregorian"): "جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر",
    ("ps", "gregorian"): "جنوري|فبروري,فېبروري|مارچ|اپریل|مۍ|جون|جولای|اګست|سپتمبر,سېپتمبر|اکتوبر|نومبر|دسمبر",
    ("he", "gregorian"): "ינואר,בינואר|פברואר,בפברואר|מרץ,מרס,במרץ,במרס|אפריל,באפריל|מאי,במאי|יוני,ביוני|יולי,"
    "ביולי|אוגוסט,באוגוסט|ספטמבר,בספטמבר|אוקטובר,באוקטובר|נובמבר,בנובמבר|דצמבר,בדצמבר",
    ("hi", "gregorian"): "जनवरी,जन|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर,सितम्बर|अक्टूबर,अक्तूबर|नवंबर,नवम्बर|दिसंबर,दिसम्बर",
    ("bn", "gregorian"): "জানুয়ারি,জানুয়ারী|ফেব্রুয়ারি,ফেব্রুয়ারী|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট,আগষ্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|"
    "ডিসেম্বর",
    ("gu", "gregorian"): "જાન્યુઆરી|ફેબ્રુઆરી|માર્ચ|એપ્રિલ|મે|જૂન|જુલાઈ|ઑગસ્ટ,ઓગસ્ટ|સપ્ટેમ્બર|ઑક્ટોબર,ઓક્ટોબર|નવેમ્બર|ડિસેમ્બર",
    ("ta", "gregorian"): "ஜனவரி|பிப்ரவரி|மார்ச்|ஏப்ரல்|மே|ஜூன்|ஜூலை|ஆகஸ்ட்|செப்டம்பர்|அக்டோபர்|நவம்பர்|டிசம்பர்",
    ("th", "gregorian"): "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม",
    ("fa", "jalali"): "فروردین|اردیبهشت|خرداد|تیر|مرداد,امرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند",
    ("prs", "jalali"): "حمل|ثور|جوزا|سرطان|اسد|سنبله|میزان|عقرب|قوس|جدی|دلو|حوت",
    ("ps", "jalali"): "وری|غویی|غبرګولی|چنګاښ|زمری|وږی|تله|لړم|لیندۍ|مرغومی|سلواغه|کب",
    ("ar", "hijri"): "محرم,المحرم|صفر|ربيع الأول|ربيع الثاني,ربيع الآخر|جمادى الأولى,جمادى الأول|جمادى الآخرة,"
    "جمادى الثانية,جمادى الثاني|رجب|شعبان|رمضان|شوال|ذو القعدة,ذي القعدة|ذو الحجة,ذي الحجة",
    ("ur", "hijri"): "محرم الحرام|صفر المظفر|ربیع الاول|ربیع الثانی|جمادی الاول|جمادی الثانی|رجب المرجب|"
    "شعبان المعظم|رمضان المبارک|شوال المکرم|ذیقعدہ,ذی قعدہ|ذوالحجہ,ذی الحج",
}

WEEKDAYS: dict[str, str] = {
    "en": "monday,mon|tuesday,tues,tue|wednesday,weds,wed|thursday,thurs,thur,thu|friday,fri|saturday,sat|sunday,"
    "sun",
    "de": "montag|dienstag|mittwoch|donnerstag|freitag|samstag,sonnabend|sonntag",
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "es": "lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    "pt": "segunda|terça|quarta|quinta|sexta|sábado|domingo",
    "it": "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
    "ca": "dilluns|dimarts|dimecres|dijous|divendres|dissabte|diumenge",
    "ro": "luni|marți|miercuri|joi|vineri|sâmbătă|duminică",
    "nl": "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag",
    "sv": "måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag",
    "no": "mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag",
    "fi": "maanantai,maanantaina|tiistai,tiistaina|keskiviikko,keskiviikkona|torstai,torstaina|perjantai,"
    "perjantaina|lauantai,lauantaina|sunnuntai,sunnuntaina",
    "pl": "poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela",
    "cs": "pondělí|úterý|středa|čtvrtek|pátek|sobota|neděle",
    "hr": "ponedjeljak|utorak|srijeda|četvrtak|petak|subota|nedjelja",
    "hu": "hétfő|kedd|szerda|csütörtök|péntek|szombat|vasárnap",
    "ru": "понедельник,пн|вторник,вт|среда,ср|четверг,чт|пятница,пт|суббота,сб|воскресенье,вс",
    "uk": "понеділок|вівторок|середа|четвер|п'ятниця|субота|неділя",
    "bg": "понеделник|вторник|сряда|четвъртък|петък|събота|неделя",
    "el": "δευτέρα|τρίτη|τετάρτη|πέμπτη|παρασκευή|σάββατο|κυριακή",
    "tr": "pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar",
    "az": "bazar ertəsi|çərşənbə axşamı|çərşənbə|cümə axşamı|cümə|şənbə|bazar",
    "id": "senin|selasa|rabu|kamis|jumat,jum'at|sabtu|minggu,ahad",
    "ms": "isnin|selasa|rabu|khamis|jumaat|sabtu|ahad",
    "vi": "thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật",
    "sw": "jumatatu|jumanne|jumatano|alhamisi|ijumaa|jumamosi|jumapili",
    "ar": "الإثنين,الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد",
    "fa": "دوشنبه,دو شنبه|سه‌شنبه,سه شنبه|چهارشنبه,چهار شنبه|پنجشنبه,پنج شنبه|جمعه|شنبه|یکشنبه,یک شنبه",
    "ur": "پیر|منگل|بدھ|جمعرات|جمعہ|ہفتہ|اتوار",
    "ps": "دوشنبه,دونۍ|سه شنبه,درېنۍ|چهارشنبه,څلرنۍ|پنجشنبه,پينځنۍ|جمعه|شنبه,اونۍ|یکشنبه,يونۍ",
    "ku": "duşem|sêşem|çarşem|pêncşem|înî|şemî|yekşem",
    "ckb": "دووشەممە|سێشەممە|چوارشەممە|پێنجشەممە|هەینی|شەممە|یەکشەممە",
    "he": "יום שני|יום שלישי|יום רביעי|יום חמישי|יום שישי|שבת|יום ראשון",
    "hi": "सोमवार|मंगलवार|बुधवार|गुरुवार,गुरूवार,बृहस्पतिवार|शुक्रवार|शनिवार|रविवार",
    "bn": "সোমবার|মঙ্গলবার|বুধবার|বৃহস্পতিবার|শুক্রবার|শনিবার|রবিবার,রোববার",
    "ta": "திங்கள்|செவ்வாய்|புதன்|வியாழன்|வெள்ளி|சனி|ஞாயிறு",
    "th": "วันจันทร์|วันอังคาร|วันพุธ|วันพฤหัสบดี|วันศุกร์|วันเสาร์|วันอาทิตย์",
    "gu": "સોમવાર|મંગળવાર|બુધવાર|ગુરુવાર|શુક્રવાર|શનિવાર|રવિવાર",
    "zh": "星期一,周一,週一|星期二,周二,週二|星期三,周三,週三|星期四,周四,週四|星期五,周五,週五|星期六,周六,週六|"
    "星期日,星期天,周日,週日",
    "ja": "月曜日|火曜日|水曜日|木曜日|金曜日|土曜日|日曜日",
    "ko": "월요일|화요일|수요일|목요일|금요일|토요일|일요일",
}

# Words of one meaning, whatever the language. Times of day stand before or after the time.
MORNING_LATIN = "am,a m"
EVENING_LATIN = "pm,p m"
MORNING = (
    "ص,صباحا,صباح,فجرا,ق ظ,صبح,قبل از,π μ,सुबह,সকাল,ভোর,öö,sáng,pagi,mañana,manhã,matin,上午,早上,早晨,凌晨,清晨,"
    "午前,오전,아침,새벽"
)
NOON = "ظهرا,ظهر,دوپہر,दोपहर,দুপুর,siang,trưa,中午"
EVENING = (
    "مساء,عصرا,ب ظ,عصر,بعدازظهر,بعد از,شام,μ μ,शाम,বিকাল,বিকেল,সন্ধ্যা,ös,chiều,sore,petang,tarde,soir,下午,傍晚,"
    "午後,午后,오후,저녁"
)
NIGHT = "ليلا,شب,رات,रात,রাত,tối,malam,noche,noite,晚上,晚间,晚間,夜,밤"  # evening until midnight, morning after it
EVENING_OR_ERA = "م"  # after a time مساء, after a year ميلادي

ZONES = {  # minutes east of Greenwich; names that several zones share (IST, CST, AST) say nothing
    "gmt": 0, "utc": 0, "z": 0, "غرينتش": 0, "جرينتش": 0, "غرينيتش": 0, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "мск": 180, "trt": 180, "wib": 420, "wita": 480, "wit": 540,
    "hkt": 480, "jst": 540, "kst": 540, "est": -300, "edt": -240, "cdt": -300, "pst": -480, "pdt": -420,
}  # fmt: skip

PUBLISHED = (
    "published,publish,posted,created,نشر,النشر,نشره,نشرت,انتشار,منتشر,شائع,veröffentlicht,erstellt,publié,publiée,"
    "publicado,publicada,publicação,publicación,pubblicato,pubblicata,pubblicazione,publicat,gepubliceerd,"
    "publicerad,publicerat,publisert,publiceret,udgivet,julkaistu,opublikowano,publikacja,publikováno,zveřejněno,"
    "objavljeno,megjelent,опубликовано,опубликована,публикации,опубліковано,публікації,публикувано,δημοσιεύθηκε,"
    "δημοσίευση,yayınlanma,yayınlandı,yayın,yayınlanıb,dipublikasikan,diterbitkan,diterbit,פורסם,प्रकाशित,প্রকাশিত,"
    "প্রকাশ,发布时间,發布時間,发布于,发布,發布,发表于,公開,配信,掲載,입력,등록"
)
UPDATED = (
    "updated,update,modified,modifica,modificato,stand,geändert,uppfært,edited,revised,محدث,محدثة,تحديث,التحديث,"
    "تعديل,التعديل,به روز,به‌روز,به‌روزرسانی,بروزرسانی,بروز رسانی,ویرایش,aktualisiert,aktualisierung,mis à,mise à,"
    "actualisé,modifié,actualizado,actualizada,actualización,actualitzat,atualizado,atualizada,atualização,"
    "aggiornato,aggiornata,aggiornamento,actualizat,bijgewerkt,uppdaterad,uppdaterat,oppdatert,opdateret,"
    "päivitetty,aktualizacja,zaktualizowano,aktualizováno,aktualizace,ažurirano,frissítve,frissítés,обновлено,"
    "обновлена,обновление,изменено,оновлено,обновена,обновен,ενημέρωση,ενημερώθηκε,güncelleme,güncellenme,"
    "güncellendi,yenilənib,diperbarui,diperbaharui,dikemas kini,cập nhật,imesasishwa,עודכן,עדכון,अपडेट,अपडेटेड,আপডেট,"
    "হালনাগাদ,اپ ڈیٹ,اپڈیٹ,更新,更新时间,更新時間,更新日,수정,최종수정,업데이트"
)
# What makes a time relative to one that the page does not tell: words for "ago", "today", "yesterday".
RELATIVE_WORDS = (
    "ago,today,yesterday,منذ,قبل,اليوم,أمس,پیش,امروز,دیروز,لحظاتی,پہلے,آج,پێش,berî,vor,heute,gestern,y a,aujourd'hui,hier,"
    "hace,hoy,ayer,há,atrás,hoje,ontem,fa,oggi,ieri,avui,ahir,geleden,vandaag,gisteren,sedan,idag,igår,siden,i dag,i går,"
    "sitten,tänään,eilen,temu,dzisiaj,dziś,wczoraj,před,dnes,včera,acum,azi,ezelőtt,tegnap,назад,сегодня,вчера,тому,"
    "сьогодні,вчора,преди,днес,πριν,σήμερα,χθες,önce,bugün,dün,əvvəl,bu gün,dünən,पहले,आज,कल,আগে,আজ,পূর্বে,પહેલા,"
    "પહેલાં,முன்,முன்பு,lalu,kemarin,hari ini,semalam,trước,hôm nay,hôm qua,iliyopita,zilizopita,leo,jana,לפני,היום,"
    "אתמול,前,小时前,小時前,分钟前,分鐘前,天前,刚刚,昨天,今天,時間前,間前,分前,昨日,今日,전,어제,오늘,ที่แล้ว,นาทีที่แล้ว,ชั่วโมงที่แล้ว,วันที่แล้ว"
)
LUNAR_ERA = "ه,هجري,هجرية,ق,قمری"
SOLAR_ERA = "ش,شمسی,خورشیدی"
HOUR_MARKS = "h,uhr,hs,hrs,ч,时,時,시"  # stand after, or in the colon's place
CLOCK = "klo,kl,pukul,jam,ore,ساعت,الساعة,الساعه,saat,um"  # announce a time, which may then be written with a dot
YEAR_SIGNS, MONTH_SIGNS, DAY_SIGNS = "年,년", "月,월", "日,일,号,號"
DOTS = "tháng,năm"  # stand in the dot's place
FILLERS = "st,nd,rd,th,er,e,o,de,del,di,of,the,ta,la,da,du,分,分钟,분,ماه,سال,عام,سنة,महीना,সাল"

# CLDR writes short dates day first, with slashes or dashes, in every region of these (es-PR and es-PA apart). In our
# pages 490 such dates could tell the order, and all did; in German pages six were month first (foreign software).
DAY_FIRST = frozenset({
    "ar", "bn", "ca", "ckb", "el", "es", "fa", "fr", "gu", "hi", "id", "it", "ms", "nl", "prs", "ps", "pt", "sw", "ta",
    "th", "ur", "vi",
})  # fmt: skip
# CLDR writes the short date d.m.yy in these, so that two figures are enough for the year.
DOTTED = frozenset(("az", "bg", "cs", "da", "de", "fi", "hr", "nb", "no", "pl", "ro", "ru", "tr", "uk"))
JALALI = frozenset(("fa", "prs", "ps"))
