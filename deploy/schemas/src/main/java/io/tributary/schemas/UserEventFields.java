package io.tributary.schemas;

import java.time.Instant;
import java.util.UUID;

/** The one place that knows which field of the pinned schema is which component of {@link UserEvent}. */
final class UserEventFields {
    private UserEventFields() {}

    /** An event from values in the schema's order, of the types that the decoder makes. */
    static UserEvent event(Object[] v) {
        User user = new User(
                (UUID) v[7],
                (String) v[8],
                (String) v[9],
                (String) v[10],
                (String) v[11],
                (String) v[12],
                (Integer) v[13],
                (String) v[14],
                (String) v[15],
                (String) v[16],
                (String) v[17],
                (String) v[18],
                (Double) v[19],
                (Double) v[20],
                (String) v[21],
                (String) v[22],
                (String) v[23],
                (String) v[24],
                (Instant) v[25],
                (Integer) v[26],
                (Instant) v[27],
                (Integer) v[28],
                (String) v[29],
                (String) v[30],
                (String) v[31],
                (String) v[32],
                (String) v[33]);
        return new UserEvent(
                (UUID) v[0],
                (Integer) v[1],
                (Integer) v[2],
                (Integer) v[3],
                (Instant) v[4],
                (Instant) v[5],
                (Instant) v[6],
                user);
    }
}
