"""Numbers written as words, which tell two notes of one template apart as digits do.

Owns: the words. Must not know: what is made of them. Two to twenty and the tens, in the languages that news of this kind is
most often written in. Words that also mean other things, in any of them, are left out (one, second; Spanish once).
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from newsclean.dedup.sign import token_table
from newsclean.kernels import minhash
from newsclean.text import TextColumn

NUMERALS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety third fourth fifth sixth seventh eighth ninth tenth",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn zwanzig dreißig vierzig fünfzig",
    "fr": "deux trois quatre cinq six sept huit dix onze douze treize quatorze quinze seize vingt trente quarante cinquante",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez doce trece catorce quince veinte treinta cuarenta cincuenta",
    "pt": "dois duas três quatro cinco sete oito nove dez onze doze treze quinze vinte trinta quarenta cinquenta",
    "it": "tre quattro cinque sei sette otto nove dieci undici dodici tredici quindici venti trenta quaranta cinquanta",
    "ru": "два две три четыре пять шесть семь восемь девять десять двенадцать пятнадцать двадцать тридцать сорок пятьдесят",
    "tr": "iki üç dört beş altı yedi sekiz dokuz yirmi otuz kırk elli altmış yetmiş seksen doksan",
    "id": "dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh",
    "ar": "اثنان اثنين اثنا اثني اثنتا اثنتي ثلاثة ثلاث أربعة أربع خمسة خمس ستة ست سبعة سبع ثمانية ثماني ثمان تسعة تسع عشرة "
    "عشرون عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين ستون ستين سبعون سبعين ثمانون ثمانين تسعون تسعين الثالث الثالثة "
    "الرابع الرابعة الخامس الخامسة السادس السادسة السابع السابعة الثامن الثامنة التاسع التاسعة العاشر العاشرة",
    "fa": "دو سه چهار پنج شش هفت هشت یازده دوازده سیزده چهارده پانزده بیست سی چهل پنجاه شصت هفتاد هشتاد نود",
    "hi": "दो तीन चार पाँच पांच छह सात आठ नौ दस ग्यारह बारह पंद्रह बीस पच्चीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे",
    "zh": "二 两 三 四 五 六 七 八 九 十 百 千 万 亿",
}


@functools.cache
def numeral_hashes() -> npt.NDArray[np.uint32]:
    """Their token hashes, sorted and each once. Read-only."""
    texts = TextColumn.from_texts([" ".join(NUMERALS.values())])
    hashes, kinds = np.empty(len(texts.data), np.uint32), np.empty(len(texts.data), np.uint32)
    count, _ = minhash.tokens(texts.data, 0, len(texts.data), token_table(), False, hashes, kinds)
    found: npt.NDArray[np.uint32] = np.unique(hashes[:count])
    found.flags.writeable = False
    return found
