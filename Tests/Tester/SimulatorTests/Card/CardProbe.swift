import CALSA
import CLinux
import Glibc
import Posix
import Simulator
import Testing

/// A card in a directory for one test, removed when the value is released.
final class CardBench {
  let directory: String
  let configuration: CardConfiguration
  var record: String { configuration.record }
  var control: CardControl { CardControl(path: "\(directory)/control") }

  init(_ change: (inout CardConfiguration) -> Void = { _ in }) throws {
    var template = Array("/tmp/card-XXXXXX".utf8CString)
    directory = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    var configuration = CardConfiguration(
      library: try CardConfiguration.findLibrary(), record: "\(directory)/record", control: "\(directory)/control")
    change(&configuration)
    self.configuration = configuration
  }

  deinit {
    for name in (try? Files.list(directory)) ?? [] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  func recording() throws -> CardRecording { try CardRecording(path: record) }

  func follower() throws -> CardFollower { try CardFollower(path: record) }
}

/// A negative result of libasound.
struct AlsaError: Error, Equatable {
  let operation: String
  let code: CInt
}

@discardableResult
func alsa<Result: BinaryInteger>(_ operation: String, _ result: Result) throws -> Int {
  if result < 0 { throw AlsaError(operation: operation, code: -CInt(result)) }
  return Int(result)
}

/// An open PCM on a bench's card, with the calls of an ALSA program.
final class CardProbe {
  let pcm: OpaquePointer
  private let tree: OpaquePointer
  let channels: Int

  init(
    _ bench: CardBench, buffer: UInt = 96_000, period: UInt = 480, channels: Int = 1,
    format: snd_pcm_format_t = SND_PCM_FORMAT_S16_LE, access: snd_pcm_access_t = SND_PCM_ACCESS_RW_INTERLEAVED
  ) throws {
    let (pcm, tree) = try Self.open(bench.configuration.text)
    do {
      try Self.configure(pcm, buffer, period, channels, format, access)
    } catch {
      snd_pcm_close(pcm)
      snd_config_delete(tree)
      throw error
    }
    self.pcm = pcm
    self.tree = tree
    self.channels = channels
  }

  private static func open(_ text: String) throws -> (pcm: OpaquePointer, tree: OpaquePointer) {
    var created: OpaquePointer?
    try alsa("config", snd_config_top(&created))
    let tree = try #require(created)
    var input: OpaquePointer?
    try alsa("input", snd_input_buffer_open(&input, text, text.utf8.count))
    let loaded = snd_config_load(tree, input)
    snd_input_close(input)
    var pcm: OpaquePointer?
    let opened = loaded < 0 ? loaded : snd_pcm_open_lconf(&pcm, CardConfiguration.pcm, SND_PCM_STREAM_PLAYBACK, 0, tree)
    guard opened >= 0, let pcm else {
      snd_config_delete(tree)
      throw AlsaError(operation: "open", code: -opened)
    }
    return (pcm, tree)
  }

  deinit {
    snd_pcm_close(pcm)
    snd_config_delete(tree)
  }

  private static func configure(
    _ pcm: OpaquePointer, _ buffer: UInt, _ period: UInt, _ channels: Int, _ format: snd_pcm_format_t,
    _ access: snd_pcm_access_t
  ) throws {
    var hardware: OpaquePointer?
    try alsa("malloc", snd_pcm_hw_params_malloc(&hardware))
    defer { snd_pcm_hw_params_free(hardware) }
    try alsa("any", snd_pcm_hw_params_any(pcm, hardware))
    try alsa("access", snd_pcm_hw_params_set_access(pcm, hardware, access))
    try alsa("format", snd_pcm_hw_params_set_format(pcm, hardware, format))
    try alsa("channels", snd_pcm_hw_params_set_channels(pcm, hardware, UInt32(channels)))
    try alsa("rate", snd_pcm_hw_params_set_rate(pcm, hardware, 48_000, 0))
    try alsa("period", snd_pcm_hw_params_set_period_size(pcm, hardware, period, 0))
    try alsa("buffer", snd_pcm_hw_params_set_buffer_size(pcm, hardware, buffer))
    try alsa("hw_params", snd_pcm_hw_params(pcm, hardware))
    // The PCM never starts by itself.
    try set(pcm) { try alsa("start", snd_pcm_sw_params_set_start_threshold(pcm, $0, 1 << 40)) }
  }

  func set(_ change: (OpaquePointer?) throws -> Void) throws { try Self.set(pcm, change) }

  private static func set(_ pcm: OpaquePointer, _ change: (OpaquePointer?) throws -> Void) throws {
    var software: OpaquePointer?
    try alsa("malloc", snd_pcm_sw_params_malloc(&software))
    defer { snd_pcm_sw_params_free(software) }
    try alsa("current", snd_pcm_sw_params_current(pcm, software))
    try change(software)
    try alsa("sw_params", snd_pcm_sw_params(pcm, software))
  }

  /// Writes interleaved samples and returns the number of frames written.
  @discardableResult
  func write(_ samples: [Int16]) throws -> Int {
    try alsa("write", snd_pcm_writei(pcm, samples, UInt(samples.count / channels)))
  }

  func start() throws { try alsa("start", snd_pcm_start(pcm)) }
  func prepare() throws { try alsa("prepare", snd_pcm_prepare(pcm)) }
  func drop() throws { try alsa("drop", snd_pcm_drop(pcm)) }
  func drain() throws { try alsa("drain", snd_pcm_drain(pcm)) }
  func pause(_ enable: Bool) throws { try alsa("pause", snd_pcm_pause(pcm, enable ? 1 : 0)) }
  func rewind(_ frames: Int) throws -> Int { try alsa("rewind", snd_pcm_rewind(pcm, UInt(frames))) }
  var state: snd_pcm_state_t { snd_pcm_state(pcm) }

  /// Disables underruns, so that a slow test does not stop the stream.
  func runFreely(silence: UInt = 0) throws {
    try set {
      var boundary: snd_pcm_uframes_t = 0
      try alsa("boundary", snd_pcm_sw_params_get_boundary($0, &boundary))
      try alsa("stop", snd_pcm_sw_params_set_stop_threshold(pcm, $0, boundary))
      try alsa("silence", snd_pcm_sw_params_set_silence_size(pcm, $0, silence))
    }
  }

  /// Waits up to 30 s for a state.
  func wait(for expected: snd_pcm_state_t) throws {
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    while state != expected {
      try #require(Monotonic.now < deadline, "state \(state) where \(expected) was expected")
      _ = Glibc.poll(nil, 0, 1)
    }
  }

  func delay() throws -> Int {
    var frames: snd_pcm_sframes_t = 0
    try alsa("delay", snd_pcm_delay(pcm, &frames))
    return frames
  }

  /// Polls the PCM's descriptor until it is ready, and returns the events that libasound reports.
  func poll(milliseconds: CInt = 30_000) throws -> Int32 {
    var table = pollfd()
    try #require(snd_pcm_poll_descriptors(pcm, &table, 1) == 1)
    let deadline = Monotonic.now.adding(milliseconds: Int(milliseconds))
    while Glibc.poll(&table, 1, milliseconds) > 0 {
      var events: UInt16 = 0
      try alsa("revents", snd_pcm_poll_descriptors_revents(pcm, &table, 1, &events))
      if events != 0 { return Int32(events) }
      if Monotonic.now > deadline { break }
    }
    return 0
  }
}

/// Returns samples that never repeat within a second and are never zero, so that a shift or a gap is visible.
func pattern(_ count: Int, seed: Int = 0) -> [Int16] {
  (0..<count).map { Int16(truncatingIfNeeded: (($0 + seed) &* 40_503) | 1) }
}

/// Expects two sounds to be equal and reports the first difference; the whole would take minutes to print.
func expectSound(
  _ sound: some Collection<Int16>, _ expected: some Collection<Int16>, at place: SourceLocation = #_sourceLocation
) {
  if let index = zip(sound, expected).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
    Issue.record("different from sample \(index) of \(sound.count) on", sourceLocation: place)
  } else if sound.count != expected.count {
    Issue.record("\(sound.count) samples where \(expected.count) were expected", sourceLocation: place)
  }
}

/// Returns the nanoseconds after which `frames` have left, rounded up as by the card.
func spanUp(_ frames: Int) -> Int64 { (Int64(frames) * 1_000_000_000 + 47_999) / 48_000 }

/// Returns the frames that leave in a span of nanoseconds.
func framesIn(_ span: Int64) -> Int { Int(span * 48_000 / 1_000_000_000) }

/// The deadline of waits that end earlier unless the test fails.
var farAway: Monotonic { .now.adding(milliseconds: 60_000) }

func posixTruncate(_ path: String, _ size: Int) throws {
  try posix("truncate", path: path) { truncate(path, size) }
}
