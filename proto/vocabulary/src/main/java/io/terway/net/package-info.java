/** Value records every part speaks in: addresses, ids, pods. They validate themselves, so an invalid one cannot exist. */
package io.terway.net;
