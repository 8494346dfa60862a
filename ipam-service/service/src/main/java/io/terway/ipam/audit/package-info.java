/** Binds and releases, written to rotating files. */
package io.terway.ipam.audit;
