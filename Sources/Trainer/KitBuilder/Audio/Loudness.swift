import CLoudness
import Glibc
import Posix

/// How loud a mono sound is, by ITU-R BS.1770, measured with libebur128.
public struct Loudness: Equatable, Sendable {
  /// LUFS; -infinity for silence.
  public var level: Double
  /// True peak in dBTP; -infinity for silence.
  public var peak: Double
  /// How the level was measured.
  public var rule: Rule

  /// How a level is measured.
  public enum Rule: String, Sendable {
    /// EBU R 128's gated mean over blocks of 400 ms.
    case integrated
    /// The same two gates over blocks of 100 ms. A single word has too few blocks of 400 ms, or none at all, and
    /// its pauses and edges would count as much as its speech.
    case short

    /// The rule for a sound of this length.
    init(_ samples: [Float], rate: Int) {
      self = Double(samples.count) < Loudness.shortest * Double(rate) ? .short : .integrated
    }
  }

  /// Seconds; shorter sounds are measured by `Rule.short`.
  public static let shortest = 1.0

  /// Measures level and true peak.
  ///
  /// - Parameters:
  ///   - samples: full scale is 1.
  ///   - rate: Hz.
  /// - Throws: ENOMEM, or EINVAL for a rate that libebur128 does not support.
  public static func measure(_ samples: [Float], rate: Int) throws(SystemError) -> Loudness {
    Loudness(
      level: try level(samples, rate: rate), peak: try truePeak(of: samples, rate: rate),
      rule: Rule(samples, rate: rate))
  }

  /// Measures only the level, in LUFS. ebur128_loudness_global
  static func level(_ samples: [Float], rate: Int) throws(SystemError) -> Double {
    let isShort = Rule(samples, rate: rate) == .short
    let meter = try Meter(rate: rate, mode: isShort ? EBUR128_MODE_M : EBUR128_MODE_I)
    if isShort { return try meter.shortLevel(of: samples, rate: rate) }
    var level = -Double.infinity
    try meter.add(samples[...])
    try check(ebur128_loudness_global(meter.state, &level))
    return level
  }

  /// Measures only the true peak, in dBTP, by interpolating around the large samples: a tenth of the work.
  /// ebur128_true_peak
  ///
  /// No sound of an encoder or a microphone rises between two samples to twice their amplitude.
  static func truePeak(of samples: [Float], rate: Int) throws(SystemError) -> Double {
    let meter = try Meter(rate: rate, mode: EBUR128_MODE_TRUE_PEAK)
    try meter.add(surroundings(of: samples)[...])
    var peak = 0.0
    try check(ebur128_true_peak(meter.state, 0, &peak))
    return decibels(amplitude: peak)
  }

  /// Joins the parts of a sound that lie within `reach` of a sample above half of the highest. Where two parts meet
  /// both are below that half, so the step between them makes no peak above the highest.
  private static func surroundings(of samples: [Float]) -> [Float] {
    samples.withUnsafeBufferPointer { all in
      var highest: Float = 0
      for value in all { highest = max(highest, abs(value)) }
      let half = highest / 2
      var parts: [Float] = []
      parts.reserveCapacity(all.count / 4)
      var taken = 0
      for index in 0..<all.count where abs(all[index]) > half {
        let end = min(all.count, index + reach + 1)
        if end <= taken { continue }
        parts.append(contentsOf: all[max(taken, index - reach)..<end])
        taken = end
      }
      return parts
    }
  }

  /// libebur128 interpolates with 49 taps at four times the rate: 12 samples.
  private static let reach = 16

  fileprivate static func check(_ code: CInt) throws(SystemError) {
    if code != CInt(EBUR128_SUCCESS.rawValue) {
      throw SystemError(
        "measure loudness", code: code == CInt(EBUR128_ERROR_NOMEM.rawValue) ? ENOMEM : EINVAL)
    }
  }
}

/// One measurement: an `ebur128_state`, freed with this value.
private struct Meter: ~Copyable {
  let state: UnsafeMutablePointer<ebur128_state>

  /// ebur128_init
  init(rate: Int, mode: CLoudness.mode) throws(SystemError) {
    guard let state = ebur128_init(1, UInt(rate), CInt(mode.rawValue)) else {
      throw SystemError("measure loudness", code: ENOMEM)
    }
    self.state = state
  }

  deinit {
    var state: UnsafeMutablePointer<ebur128_state>? = state
    ebur128_destroy(&state)
  }

  func add(_ samples: ArraySlice<Float>) throws(SystemError) {
    try Loudness.check(
      samples.withUnsafeBufferPointer { ebur128_add_frames_float(state, $0.baseAddress, $0.count) })
  }

  /// Returns the mean of blocks of 100 ms, 25 ms apart, that are above -70 LUFS and at most 10 LU below the mean of
  /// those.
  func shortLevel(of samples: [Float], rate: Int) throws(SystemError) -> Double {
    let step = max(1, rate / 40)
    var blocks: [Double] = []
    var done = 0
    // A sound shorter than 100 ms makes one block, padded with silence.
    let padded = samples.count < 4 * step ? samples + Array(repeating: 0, count: 4 * step - samples.count) : samples
    while done + step <= padded.count {
      try add(padded[done..<done + step])
      done += step
      if done < 4 * step { continue }
      var level = -Double.infinity
      try Loudness.check(ebur128_loudness_window(state, 100, &level))
      if level > -70 { blocks.append(pow(10, level / 10)) }
    }
    if done < padded.count { try add(padded[done...]) }
    if blocks.isEmpty { return -.infinity }
    let gate = blocks.reduce(0, +) / Double(blocks.count) / 10
    let loud = blocks.filter { $0 >= gate }
    return 10 * log10(loud.reduce(0, +) / Double(loud.count))
  }
}
