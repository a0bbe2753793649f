import Glibc

/// ThreadSanitizer or AddressSanitizer: `Tests/sanitize`.
public enum Sanitizer {
  /// One watches this process, and with it the programs that it starts.
  public static let isOn = dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
}
