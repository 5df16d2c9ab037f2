package io.tributary.stream;

import io.tributary.schemas.UserEventDecoder;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Dead letters sent since this process began, by reason, from all executors. A batch tried again is counted again, as its
 * letters are sent again.
 */
final class DeadLetterCounts implements Serializable {
    private static final long serialVersionUID = 1;

    private final TreeMap<String, LongAccumulator> byReason = new TreeMap<>();

    DeadLetterCounts(SparkContext spark) {
        for (UserEventDecoder.Reason reason : UserEventDecoder.Reason.values()) {
            String name = UserEvents.reasonOf(reason);
            byReason.put(name, spark.longAccumulator("dead_letters." + name));
        }
        byReason.put(UserEvents.IMPOSSIBLE, spark.longAccumulator("dead_letters." + UserEvents.IMPOSSIBLE));
    }

    void count(String reason) {
        LongAccumulator counter = byReason.get(reason);
        if (counter == null) {
            throw new IllegalArgumentException("no such reason: " + reason.toLowerCase(Locale.ROOT));
        }
        counter.add(1L);
    }

    /** On the driver: every reason, also those that nothing was sent for. */
    Map<String, Long> now() {
        Map<String, Long> counts = new TreeMap<>();
        byReason.forEach((reason, counter) -> counts.put(reason, counter.value()));
        return counts;
    }
}
