package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PoolTest {
    @ParameterizedTest
    @EnumSource
    void everyNationalityHasEnoughOfEverything(Nationality nationality) {
        // When
        Pool pool = Pool.read(nationality);
        // Then
        assertThat(List.of(pool.male().length, pool.female().length, pool.last().length))
                .allMatch(names -> names >= 40);
        assertThat(List.of(pool.street().length, pool.city().length)).allMatch(words -> words >= 15);
        assertThat(pool.state().length).isGreaterThanOrEqualTo(5);
        assertThat(Stream.of(pool.male(), pool.female(), pool.last()).flatMap(Stream::of))
                .allMatch(name -> name.ascii().length > 0);
    }

    @ParameterizedTest
    @CsvSource({
        "Éloïse,eloise",
        "Weiß,weiss",
        "Ørsted,orsted",
        "İrem,irem",
        "Лазар,lazar",
        "Ђорђевић,djordjevic",
        "Євген,yevgen",
        "شجاعی,shjaay",
        "शर्मा,shrmaa",
        "de la Cruz,delacruz",
        "O'Neill,o'neill",
        "漢字,x"
    })
    void namesOfAnyScriptBecomeMailboxes(String name, String mailbox) {
        // When
        String ascii = Transliteration.mailbox(name);
        // Then
        assertThat(ascii).isEqualTo(mailbox);
    }
}
