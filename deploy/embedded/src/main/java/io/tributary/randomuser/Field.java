package io.tributary.randomuser;

import java.util.Locale;

/** The members of a user, in the order of the source; {@code inc} and {@code exc} name them in lower case. */
enum Field {
    GENDER,
    NAME,
    LOCATION,
    EMAIL,
    LOGIN,
    DOB,
    REGISTERED,
    PHONE,
    CELL,
    ID,
    PICTURE,
    NAT;

    final String text = name().toLowerCase(Locale.ROOT);
}
