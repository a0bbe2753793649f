import CALSA

/// The messages of libasound on standard error, such as `ALSA lib pcm.c:2722:(snd_pcm_open_noupdate) Unknown PCM`.
public enum ALSAMessages {
  /// Discards them for the rest of the process. A program for people reports each failure in its own words. Call it
  /// before any thread uses libasound. snd_lib_error_set_handler
  public static func discard() { _ = fw_alsa_discard_errors() }
}
