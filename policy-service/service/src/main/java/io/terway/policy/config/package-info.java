/** What policy-service can be told. */
package io.terway.policy.config;
