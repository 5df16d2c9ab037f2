package io.tributary.randomuser;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Names of any script as the ASCII the source puts in front of {@code @example.com}. Letter by letter, readable, not exact. */
final class Transliteration {
    private static final Map<Character, String> LETTERS = new HashMap<>();

    static {
        letters("ß ss æ ae ø o å a œ oe đ dj ð d þ th ł l ı i");
        letters(
                "а a б b в v г g ґ g д d ђ dj е e є ye ж zh з z и i і i ї yi й y ј j к k л l љ lj м m н n њ nj о o п p р r с s т t");
        letters("ћ c у u ф f х kh ц ts ч ch џ dz ш sh щ shch ь  ю yu я ya");
        letters(
                "ا a آ a أ a إ e ب b پ p ت t ث s ج j چ ch ح h خ kh د d ذ z ر r ز z ژ zh س s ش sh ص s ض z ط t ظ z ع a غ gh ف f");
        letters("ق gh ک k ك k گ g ل l م m ن n و v ه h ی y ي y ئ y ء ");
        letters("अ a आ aa इ i ई ii उ u ऊ uu ऋ ri ए e ऐ ai ओ o औ au ऑ o क k ख kh ग g घ gh ङ n च ch छ chh ज j झ jh ञ n");
        letters("ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n प p फ ph ब b भ bh म m य y र r ल l व v श sh ष sh स s ह h");
        letters("ा aa ि i ी ii ु u ू uu ृ ri े e ै ai ो o ौ au ॉ o ं n ँ n ः h ़  ् ");
    }

    private Transliteration() {}

    private static void letters(String pairs) {
        String[] parts = pairs.split(" ", -1);
        for (int i = 0; i + 1 < parts.length; i += 2) {
            LETTERS.put(parts[i].charAt(0), parts[i + 1]);
        }
    }

    /** Lower case letters, digits, {@code . - '} and nothing else; never empty. */
    static String mailbox(String name) {
        StringBuilder ascii = new StringBuilder(name.length() + 8);
        String lower = name.toLowerCase(Locale.ROOT);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            String letter = LETTERS.get(c);
            if (letter != null) {
                ascii.append(letter);
            } else if (keeps(c)) {
                ascii.append(c);
            } else {
                Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFD)
                        .chars()
                        .filter(part -> keeps((char) part))
                        .forEach(part -> ascii.append((char) part));
            }
        }
        return ascii.isEmpty() ? "x" : ascii.toString();
    }

    private static boolean keeps(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '\'';
    }
}
