package io.tributary.randomuser;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The nationalities of API 1.4 in the order of the source; the position is the index a seed or {@code info.seed} names in
 * hex. Patterns are those of {@link Draw#pattern}: digits, letters and parts of the date of birth.
 */
enum Nationality {
    AU("Australia", "0#-####-####", "04##-###-###", "TFN", "#########", null),
    BR("Brazil", "(##) ####-####", "(##) ####-####", "CPF", "###.###.###-##", null),
    CA("Canada", "N## N##-####", "N## N##-####", "SIN", "#########", "@#@ #@#"),
    CH("Switzerland", "07# ### ## ##", "07# ### ## ##", "AVS", "756.####.####.##", null),
    DE("Germany", "0###-#######", "017#-#######", "SVNR", "## dmy @ ###", null),
    DK("Denmark", "N#######", "N#######", "CPR", "dmy-####", null),
    ES("Spain", "9##-###-###", "6##-###-###", "DNI", "########-@", null),
    FI("Finland", "0#-###-###", "04#-###-##-##", "HETU", "dmy-###@", null),
    FR("France", "0N-##-##-##-##", "06-##-##-##-##", "INSEE", "gym######## ##", null),
    GB("United Kingdom", "01#### #####", "07### ######", "NINO", "@@ ## ## ## @", "@@## #@@"),
    IE("Ireland", "0##-###-####", "081-###-####", "PPS", "#######T", null),
    IN("India", "9#########", "8#########", "UIDAI", "############", null),
    IR("Iran", "0##-########", "09##-###-####", "", null, null),
    MX("Mexico", "(6##) ### ####", "(6##) ### ####", "NSS", "## ## ## #### #", null),
    NL("Netherlands", "(0##) #######", "(06) ########", "BSN", "########", "#### @@"),
    NO("Norway", "N#######", "9#######", "FN", "dmy#####", "####"),
    NZ("New Zealand", "(###)-###-####", "(###)-###-####", "", null, null),
    RS("Serbia", "03#-####-###", "06#-####-###", "SID", "#########", null),
    TR("Turkey", "(###)-###-####", "(###)-###-####", "", null, null),
    UA("Ukraine", "(066) N##-####", "(097) N##-####", "", null, null),
    US("United States", "(N##) N##-####", "(N##) N##-####", "SSN", "###-##-####", null);

    /** In the order of their index. */
    static final List<Nationality> ALL = List.of(values());

    final String country;
    final String phone;
    final String cell;
    /** Empty where the country has none; then there is no {@link #idValue} either and the source sends null. */
    final String idName;

    final @Nullable String idValue;
    /** Null where a postcode is a number of five digits. */
    final @Nullable String postcode;

    Nationality(
            String country,
            String phone,
            String cell,
            String idName,
            @Nullable String idValue,
            @Nullable String postcode) {
        this.country = country;
        this.phone = phone;
        this.cell = cell;
        this.idName = idName;
        this.idValue = idValue;
        this.postcode = postcode;
    }

    /** @param code in any case */
    static Optional<Nationality> of(String code) {
        String upper = code.toUpperCase(Locale.ROOT);
        return ALL.stream()
                .filter(nationality -> nationality.name().equals(upper))
                .findFirst();
    }

    /** The one a two-digit hex index names; empty when the digits are none or the index names nobody. */
    static Optional<Nationality> at(String hexIndex) {
        try {
            int index = Integer.parseInt(hexIndex, 16);
            return index >= 0 && index < ALL.size() ? Optional.of(ALL.get(index)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    String hexIndex() {
        return String.format(Locale.ROOT, "%02x", ALL.indexOf(this));
    }
}
