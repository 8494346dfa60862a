/** What compiling policy costs at the size of a large cluster. */
package io.terway.bench.policy;
