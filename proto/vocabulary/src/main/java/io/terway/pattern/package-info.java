/** Patterns over text, as policies write them and agents match them. */
package io.terway.pattern;
