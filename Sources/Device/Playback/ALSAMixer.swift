import Board
import CALSA

/// ALSA's simple mixer, for cards whose own volume serves better than a gain on the samples.
enum ALSAMixer {
  /// Sets the volume of an element and unmutes it.
  ///
  /// An element without a dB scale is set in proportion: -60 dB is the bottom of its range, 0 dB the top.
  /// snd_mixer_selem_set_playback_dB_all, snd_mixer_selem_set_playback_switch_all
  ///
  /// - Parameters:
  ///   - mixer: the element.
  ///   - hundredths: the volume in hundredths of a dB.
  /// - Returns: 0, or a negative errno value, where the mixer is unchanged.
  static func set(_ mixer: Board.Sound.Mixer, hundredths: Int) -> CInt {
    var opened: OpaquePointer?
    var code = snd_mixer_open(&opened, 0)
    guard code >= 0, let opened else { return code }
    defer { snd_mixer_close(opened) }
    code = snd_mixer_attach(opened, mixer.card)
    if code >= 0 { code = snd_mixer_selem_register(opened, nil, nil) }
    if code >= 0 { code = snd_mixer_load(opened) }
    if code < 0 { return code }
    guard let element = find(mixer.element, in: opened) else { return -ENOENT }
    if snd_mixer_selem_has_playback_switch(element) != 0 { snd_mixer_selem_set_playback_switch_all(element, 1) }
    // -1 rounds down: never louder than requested.
    code = snd_mixer_selem_set_playback_dB_all(element, hundredths, -1)
    return code >= 0 ? 0 : min(0, setRange(element, hundredths))
  }

  private static func find(_ name: String, in mixer: OpaquePointer) -> OpaquePointer? {
    var element = snd_mixer_first_elem(mixer)
    while let candidate = element {
      if snd_mixer_selem_has_playback_volume(candidate) != 0,
        String(cString: snd_mixer_selem_get_name(candidate)) == name
      {
        return candidate
      }
      element = snd_mixer_elem_next(candidate)
    }
    return nil
  }

  private static func setRange(_ element: OpaquePointer, _ hundredths: Int) -> CInt {
    var (minimum, maximum) = (0, 0)
    let code = snd_mixer_selem_get_playback_volume_range(element, &minimum, &maximum)
    if code < 0 { return code }
    let step = (maximum - minimum) * max(0, 6000 + hundredths) / 6000
    return snd_mixer_selem_set_playback_volume_all(element, minimum + step)
  }
}
