package io.tributary.stream;

import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** {@link PageCounter} in Spark's hands: its state is one packed value for each page, forgotten after {@code ttl}. */
final class PageCounting extends StatefulProcessor<byte[], byte[], Row> {
    private static final long serialVersionUID = 1;

    private final PageRows rows;
    private final Duration ttl;
    private transient @Nullable ValueState<byte[]> state;

    PageCounting(PageRows rows, Duration ttl) {
        this.rows = rows;
        this.ttl = ttl;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
        state = getHandle().getValueState("page", Encoders.BINARY(), TTLConfig.apply(ttl));
    }

    @Override
    public scala.collection.Iterator<Row> handleInputRows(
            byte[] key, scala.collection.Iterator<byte[]> parts, TimerValues times) {
        ValueState<byte[]> kept = Objects.requireNonNull(state, "init comes first");
        PagePart part = PagePart.of(parts.next()); // there is no key without a part
        PageCounter counter = PageCounter.of(kept.exists() ? kept.get() : null, part);
        counter.add(part);
        while (parts.hasNext()) {
            counter.add(PagePart.of(parts.next()));
        }
        List<Row> changes = Collections.emptyList();
        if (counter.isChanged()) {
            kept.update(counter.pack());
            changes = rows.of(key, counter);
        }
        Iterator<Row> each = changes.iterator();
        return CollectionConverters.asScala(each);
    }
}
