package io.tributary.ingest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import org.junit.jupiter.api.Test;

class PageFlowTest {
    @Test
    void bothSinksSettleBeforeAPageIsCompleteOrGivenBack() {
        PageFlow delivering = PageFlow.of(true).on(Event.DONE);
        assertThat(delivering.on(Event.STORED).step()).isEqualTo(Step.DELIVER);
        assertThat(delivering.on(Event.STORED).on(Event.PUBLISHED).step()).isEqualTo(Step.COMPLETE);
        assertThat(delivering.on(Event.NOT_DELIVERED).step()).isEqualTo(Step.DELIVER);
        assertThat(delivering.on(Event.NOT_DELIVERED).on(Event.PUBLISHED).step())
                .isEqualTo(Step.GIVE_BACK);
    }

    @Test
    void anAcknowledgementThatComesTwiceIsNotTheOtherOne() {
        PageFlow delivering = PageFlow.of(true).on(Event.DONE);
        assertThat(delivering.on(Event.STORED).on(Event.STORED).step()).isEqualTo(Step.GIVE_BACK);
    }

    @Test
    void nothingFollowsTheEnd() {
        PageFlow end = PageFlow.of(true).on(Event.DONE).on(Event.LOST).on(Event.DONE);
        assertThat(end.step()).isEqualTo(Step.END);
        assertThatThrownBy(() -> end.on(Event.DONE)).isInstanceOf(IllegalStateException.class);
    }
}
