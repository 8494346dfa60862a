/** Security groups as nftables rules of the router. */
package io.terway.lab.fabric.firewall;
