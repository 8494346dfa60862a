/** Settings. */
package io.terway.ipam.config;
