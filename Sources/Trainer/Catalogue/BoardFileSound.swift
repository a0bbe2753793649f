import Board

extension Board.Sound {
  /// Reads the section `sound`.
  init?(_ field: Field) {
    typealias Limits = Board.Limits
    let optional = [
      "channels", "map", "period", "buffer", "rewind", "stream", "sleep", "lead", "gain", "volume", "mixer",
      "amplifier",
    ]
    guard let map = field.mapping(["pcm"], optional: optional) else { return nil }
    let standard = Self(pcm: "")
    let pcm = map["pcm"]?.text(length: Limits.device)
    let channels = map["channels"].or(standard.channels) { $0.integer(in: Limits.channels) }
    let period = map["period"].or(standard.period) { $0.integer(in: Limits.period) }
    let buffer = map["buffer"].or(standard.buffer) { $0.integer(in: Limits.buffer) }
    let rewind = map["rewind"].or(standard.rewind) { $0.flag() }
    let gain = map["gain"].or(standard.gain) { $0.number(in: Limits.decibels) }
    let channelMap = map["map"].or(standard.map) { $0.word(ChannelMap.self) }
    let stream = map["stream"].or(standard.stream) { $0.word(Stream.self) }
    let sleep = map["sleep"].or(standard.sleep) { $0.integer(in: Limits.sleep) }
    let lead = map["lead"].or(standard.lead) { $0.integer(in: Limits.lead) }
    let volume = map["volume"].or(standard.volume) { Volume($0) }
    let mixer = map["mixer"].map { Mixer($0) }
    guard let pcm, let channels, let period, let buffer, let rewind, let gain, let channelMap, let stream, let sleep,
      let lead, let volume
    else { return nil }
    let amplifier = map["amplifier"].map { Amplifier($0) }
    // A mixer or an amplifier is given, but was refused.
    if case .some(nil) = mixer { return nil }
    if case .some(nil) = amplifier { return nil }
    self.init(
      pcm: pcm, channels: channels, period: period, buffer: buffer, rewind: rewind, gain: gain, map: channelMap,
      stream: stream, sleep: sleep, lead: lead, volume: volume, mixer: mixer ?? nil,
      amplifier: amplifier ?? nil)
    if self.amplifier != nil, !Limits.amplifierLead.contains(lead) {
      (map["lead"] ?? field).refuse(
        "an amplifier that is switched needs a moment before the first sound",
        "write 'lead: 30' or more, in milliseconds, by the data sheet of the amplifier")
    }
    if channels == 1 && channelMap != .both {
      map["map"]?.refuse("one channel has no left and right", "write channels: 2")
    }
    if stream == .prepared, let sleep = map["sleep"] {
      sleep.refuse("a prepared stream is always halted between clips", "write stream: running, or remove 'sleep'")
    }
    if !hasBufferForTwoPeriods {
      (map["buffer"] ?? field).refuse(
        "a buffer of \(buffer) frames is less than two periods of \(period)", "write at least \(2 * period)")
    }
  }
}

extension Board.Sound.Volume {
  /// Reads `volume`. A volume that is left out is the standard one, limited by those that are given.
  fileprivate init?(_ field: Field) {
    let limits = Board.Limits.decibels
    let keys = ["default", "floor", "ceiling", "quiet", "step"]
    guard let map = field.mapping([], optional: keys) else { return nil }
    let usual = Self()
    let ceiling = map["ceiling"].or(usual.ceiling) { $0.number(in: limits) }
    let floor = map["floor"].or(usual.floor) { $0.number(in: limits) }
    guard let ceiling, let floor else { return nil }
    if floor > ceiling {
      field.refuse("the floor of \(floor) dB is above the ceiling of \(ceiling) dB", "lower the floor")
      return nil
    }
    let standard = map["default"].or(min(max(usual.standard, floor), ceiling)) { $0.number(in: floor...ceiling) }
    guard let standard else { return nil }
    let quiet = map["quiet"].or(min(usual.quiet, standard)) { $0.number(in: limits.lowerBound...standard) }
    let step = map["step"].or(usual.step) { $0.number(in: Board.Limits.volumeStep) }
    guard let quiet, let step else { return nil }
    self.init(standard: standard, floor: floor, ceiling: ceiling, quiet: quiet, step: step)
  }
}

extension Board.Sound.Amplifier {
  /// Reads `amplifier`.
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["chip", "line"], optional: ["active", "access", "rest"]) else { return nil }
    let rest = map["rest"].or(5) { $0.integer(in: Board.Limits.amplifierRest) }
    guard let output = Board.Output(field, map), let rest else { return nil }
    self.init(output, rest: rest)
  }
}

extension Board.Sound.Mixer {
  /// Reads `mixer`.
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["card", "element"], optional: []) else { return nil }
    let card = map["card"]?.text(length: Board.Limits.device)
    let element = map["element"]?.text(length: Board.Limits.element)
    guard let card, let element else { return nil }
    self.init(card: card, element: element)
  }
}
