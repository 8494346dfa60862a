/** nftables through libnftables, in process: atomic transactions in nft's own text or JSON. */
package io.terway.linux.nft;
