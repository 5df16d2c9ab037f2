package io.tributary.ingest;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;

/**
 * What the pipeline reaches outside by. The service takes each as it is; a test that has a process fail at one of them puts
 * something in front. No setting leads here.
 */
interface Stations {
    Stations AS_THEY_ARE = new Stations() {};

    default PageSource source(PageSource real) {
        return real;
    }

    default RunLedger ledger(RunLedger real) {
        return real;
    }

    default PageSink rows(PageSink real) {
        return real;
    }

    default PageSink topic(PageSink real) {
        return real;
    }
}
