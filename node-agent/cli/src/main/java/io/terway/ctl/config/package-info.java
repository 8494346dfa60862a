/** {@code terway-cli config}: the eni-config ConfigMap, checked offline by the service's own reader. */
package io.terway.ctl.config;
