/** Label and field selectors. */
package io.terway.lab.api.select;
