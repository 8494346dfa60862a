/** Client of eni-manager. */
package io.terway.ipam.cloud;
