import Glibc

/// ThreadSanitizer or AddressSanitizer, see `Tests/sanitize`.
public enum Sanitizer {
  /// Whether this process, and with it the programs that it starts, runs under a sanitizer.
  public static let isOn = dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
}
