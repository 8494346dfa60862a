/** Settings, and how the parts are put together. */
package io.terway.eni.config;
