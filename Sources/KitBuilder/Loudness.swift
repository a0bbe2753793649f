import CLoudness
import Glibc
import Posix

/// How loud a mono sound is, by ITU-R BS.1770.
public struct Loudness: Equatable, Sendable {
  /// LUFS; -infinity for silence.
  public var level: Double
  /// True peak in dBTP; -infinity for silence.
  public var peak: Double
  public var rule: Rule

  public enum Rule: String, Sendable {
    /// EBU R 128's gated mean over blocks of 400 ms.
    case integrated
    /// The same two gates over blocks of 100 ms. A single word has too few blocks of 400 ms, or none at all, and
    /// its pauses and edges would count as much as its voice.
    case short
  }

  /// Seconds; what is shorter is measured by `Rule.short`.
  public static let shortest = 1.0

  /// - Throws: ENOMEM, or EINVAL for a rate that libebur128 does not know.
  public static func measure(_ samples: [Float], rate: Int) throws(SystemError) -> Loudness {
    let isShort = Double(samples.count) < shortest * Double(rate)
    let mode = EBUR128_MODE_TRUE_PEAK.rawValue | (isShort ? EBUR128_MODE_M : EBUR128_MODE_I).rawValue
    let meter = try Meter(rate: rate, mode: mode)
    var level = -Double.infinity
    if isShort {
      level = try meter.shortLevel(of: samples, rate: rate)
    } else {
      try meter.add(samples[...])
      try check(ebur128_loudness_global(meter.state, &level))
    }
    return Loudness(level: level, peak: try meter.peak(), rule: isShort ? .short : .integrated)
  }

  /// Only the level; a third of the work.
  static func level(_ samples: [Float], rate: Int) throws(SystemError) -> Double {
    let isShort = Double(samples.count) < shortest * Double(rate)
    let meter = try Meter(rate: rate, mode: (isShort ? EBUR128_MODE_M : EBUR128_MODE_I).rawValue)
    if isShort { return try meter.shortLevel(of: samples, rate: rate) }
    var level = -Double.infinity
    try meter.add(samples[...])
    try check(ebur128_loudness_global(meter.state, &level))
    return level
  }

  fileprivate static func check(_ code: CInt) throws(SystemError) {
    if code != CInt(EBUR128_SUCCESS.rawValue) {
      throw SystemError(
        "measure loudness", code: code == CInt(EBUR128_ERROR_NOMEM.rawValue) ? ENOMEM : EINVAL)
    }
  }
}

/// One measurement: an ebur128_state.
private struct Meter: ~Copyable {
  let state: UnsafeMutablePointer<ebur128_state>

  /// ebur128_init
  init(rate: Int, mode: UInt32) throws(SystemError) {
    guard let state = ebur128_init(1, UInt(rate), CInt(mode)) else {
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

  func peak() throws(SystemError) -> Double {
    var peak = 0.0
    try Loudness.check(ebur128_true_peak(state, 0, &peak))
    return decibels(amplitude: peak)
  }

  /// Mean of blocks of 100 ms, a quarter apart, above -70 LUFS and above 10 LU under the mean of those.
  func shortLevel(of samples: [Float], rate: Int) throws(SystemError) -> Double {
    let step = max(1, rate / 40)
    var blocks: [Double] = []
    var done = 0
    // A sound under 100 ms makes one block, filled up with silence.
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
