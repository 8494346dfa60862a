/** The cloud over its SDK: requests, answers, credentials, pace and retries. */
package io.terway.eni.ecs;
