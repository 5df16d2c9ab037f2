package io.tributary.embedded;

import io.tributary.schemas.Security;
import java.util.Map;

/**
 * What the launcher needs to come in where its servers ask for it. Shows nothing of it.
 *
 * @param kafka settings of Kafka's clients, as in {@code Brokers.protection}
 * @param cassandra authorities of the node's certificate, and a superuser
 */
public record Keys(Map<String, String> kafka, Security cassandra) {
    /** The servers ask for nothing. */
    public static final Keys NONE = new Keys(Map.of(), Security.NONE);

    public Keys {
        kafka = Map.copyOf(kafka);
    }

    @Override
    public String toString() {
        return "***";
    }
}
