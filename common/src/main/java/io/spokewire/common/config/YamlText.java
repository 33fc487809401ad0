package io.spokewire.common.config;

/**
 * A text together with where it stands.
 *
 * @param line from 1
 */
public record YamlText(String text, int line) {}
