/**
 * A stand-in for the source, randomuser.me API 1.4, written from what the source does: an HTTP server that invents people.
 *
 * <p><b>What it keeps of the source.</b> {@code GET /api/} and {@code /api/1.4/} with results, page, seed, nat, gender, inc,
 * exc, noinfo and format. It refuses nothing: results above 5,000, below 1 or not whole become 1, a page below 1 or above
 * 10,000 becomes 1, an unknown nationality makes all of them count, gender is ignored beside a seed, all with status 200. A
 * seed of 18 characters names its nationality in its last two; two that name nobody are the source's own trouble (500). {@code
 * info.seed} echoes the seed, and the index of the nationality in two hex digits where there is exactly one. People come from
 * 32 bits of md5(seed + page), so two pages may hold the same people; ages are counted to today, so the same page differs
 * tomorrow. An address (or what X-Real-IP or X-Forwarded-For calls one) is answered 20,000 users, give or take the last page,
 * in a window of five minutes that ends for everyone at once; then 429 with the source's words and without Retry-After.
 *
 * <p><b>What it does not keep.</b> The people themselves: another generator and other pools, so a seed gives others than at
 * randomuser.me. Postcodes and identity numbers have the right shape, not valid check digits. Other formats than JSON are
 * shaped alike, not byte for byte. No callback, dl, lego or password parameter. Page 1.5 is page 1.
 *
 * <p><b>What it adds.</b> {@code PUT /_control/faults} with a list such as {@code [{"kind":"429","value":"3600"},
 * {"kind":"cut-body","page":3,"times":2}]} (kinds: {@link io.tributary.randomuser.FaultKind}), {@code DELETE
 * /_control/faults}, {@code GET} and {@code DELETE /_control/stats}, {@code PUT /_control/today} with a date, {@code DELETE
 * /_control/today}, {@code GET /health/live}. In code: {@link io.tributary.randomuser.RandomUserServer}.
 *
 * <p><b>How.</b> Names are drawn from files made once from Datafaker (PoolGenerator among the tests), because loading its
 * locales takes seconds and it has no Serbian, Hindi or Farsi first names. A page is written as UTF-8 without a user ever
 * being an object, by workers, off the event loop; gzip is level 1.
 */
@NullMarked
package io.tributary.randomuser;

import org.jspecify.annotations.NullMarked;
