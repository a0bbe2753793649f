import CALSA

/// ALSA's simple mixer, for a card whose volume is better set in the card than in the samples.
enum ALSAMixer {
  /// Sets an element to hundredths of a dB and unmutes it; where it knows no dB, as far up its range as the volume is
  /// up from -60 dB. 0, or a negative errno: a mixer that cannot be set is left as it stands.
  ///
  /// snd_mixer_selem_set_playback_dB_all, snd_mixer_selem_set_playback_switch_all
  static func set(_ mixer: SoundConfiguration.Mixer, hundredths: Int) -> CInt {
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
    // Rounded down: never louder than asked.
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
    var (least, most) = (0, 0)
    let code = snd_mixer_selem_get_playback_volume_range(element, &least, &most)
    if code < 0 { return code }
    return snd_mixer_selem_set_playback_volume_all(element, least + (most - least) * max(0, 6000 + hundredths) / 6000)
  }
}
