import CSndFile
import Encoding
import Glibc
import Posix

/// A decoded recording of one prompt, in mono at its own rate.
public struct Recording: Sendable {
  /// The supported rates in Hz.
  public static let rates = 8_000...192_000
  /// The maximum length in seconds. A prompt takes less than ten; a longer file is a whole session, or the wrong file.
  public static let longest = 60
  /// The maximum size in bytes, which no format needs for `longest` seconds.
  public static let largest = 256 << 20
  /// The maximum amplitude; full scale is 1. Higher values were written in another scale, or are invalid.
  public static let highest: Float = 100

  /// The samples; full scale is 1, which a file of floats may exceed.
  public var samples: [Float]
  /// The rate in Hz.
  public var rate: Int
  /// The number of channels in the file.
  public var channels: Int
  /// How two channels became one.
  public var mixdown: Mixdown
  /// The SHA-256 of the file, in lower-case hexadecimal.
  public var sha256: String
  /// The BLAKE2b-256 of the file, by which a cache finds what is known of it.
  var cacheKey = ""
  /// Whether the file's comments mark it as speech synthesis (`Synthesis.mark`).
  public var synthetic: Bool
  /// The SHA-256 of the synthesized wording; `nil` if the comments do not state it.
  public var wording: String?

  /// The length in seconds.
  public var duration: Double { Double(samples.count) / Double(rate) }

  /// The ways to make one channel of two.
  public enum Mixdown: String, Codable, Sendable {
    /// The file has one channel.
    case mono
    /// The mean of both channels.
    case both
    /// This channel alone; the other is dead, and a mean would halve the level.
    case left, right
    /// The left channel alone; the channels cancel each other.
    case outOfPhase
  }

  /// Creates a recording from samples in memory.
  public init(samples: [Float], rate: Int, sha256: String = "", synthetic: Bool = false) {
    self.samples = samples
    self.rate = rate
    self.channels = 1
    self.mixdown = .mono
    self.sha256 = sha256
    self.synthetic = synthetic
  }

  /// Decodes a file of any format that libsndfile supports. sf_open_fd(3)
  ///
  /// A FIFO, a device or a loop of links is an error; the call does not block.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - longest: the maximum length in seconds; larger for a file with several prompts.
  ///   - largest: the maximum size in bytes.
  public init(
    path: String, longest: Int = Recording.longest, largest: Int = Recording.largest
  ) throws(RecordingError) {
    let file = try Self.open(path)
    let size = try Self.size(of: file, path: path)
    let stamp = try Self.stamp(of: file, path: path)
    try Envelope.check(file, size: size)

    var info = SF_INFO()
    // libsndfile closes the descriptor of an unknown format, whatever close_desc is: give it a duplicate.
    let own: CInt
    do throws(SystemError) { own = try file.duplicate() } catch { throw .system(error) }
    guard let sound = sf_open_fd(own, CInt(SFM_READ), &info, CInt(SF_TRUE)) else {
      throw .notSound(String(cString: sf_strerror(nil)))
    }
    defer { sf_close(sound) }
    rate = Int(info.samplerate)
    channels = Int(info.channels)
    if !Self.rates.contains(rate) { throw .rate(rate) }
    if channels < 1 || channels > 2 { throw .channels(channels) }
    // SF_COUNT_MAX if the format does not state it.
    let promised = info.frames == Int64.max ? nil : Int(info.frames)
    if promised == 0 { throw .empty }
    if let promised, promised > rate * longest { throw .tooLong(seconds: Double(promised) / Double(rate)) }
    if size > largest { throw .tooLarge(bytes: size) }

    let interleaved = try Self.read(sound, channels: channels, atMost: rate * longest)
    let found = interleaved.count / channels
    if found == 0 { throw .empty }
    if found > rate * longest { throw .tooLong(seconds: Double(found) / Double(rate)) }
    // The length of an MPEG stream is an estimate.
    let isEstimate = info.format & CInt(SF_FORMAT_TYPEMASK) == CInt(SF_FORMAT_MPEG)
    if let promised, found < (isEstimate ? promised * 19 / 20 : promised) {
      throw .truncated(promised: promised, found: found)
    }
    if let bad = interleaved.firstNotANumber { throw .notANumber(frame: bad / channels) }
    let highest = interleaved.reduce(0) { max($0, abs($1)) }
    if highest > Self.highest { throw .scale(highest: highest) }
    (samples, mixdown) = channels == 1 ? (interleaved, .mono) : Self.mix(interleaved)
    let texts = [SF_STR_COMMENT, SF_STR_SOFTWARE, SF_STR_TITLE].compactMap { kind in
      sf_get_string(sound, CInt(kind)).map { String(cString: $0) }
    }
    // Last, so that only a file of a plausible length is read as a whole.
    var digest = RunningDigest()
    var key = RunningBLAKE2b()
    try Self.read(file, size: size) { part in
      digest.add(part)
      key.add(part)
    }
    sha256 = digest.hexadecimal
    cacheKey = key.hexadecimal()
    if try Self.stamp(of: file, path: path) != stamp { throw .changed }
    synthetic = texts.contains { $0.contains(Synthesis.mark) }
    wording = texts.compactMap(Synthesis.wording).first
  }

  /// Returns the SHA-256 of a file without decoding it.
  public static func sha256(path: String, largest: Int = Recording.largest) throws(RecordingError) -> String {
    var digest = RunningDigest()
    try read(path, largest: largest) { digest.add($0) }
    return digest.hexadecimal
  }

  /// Returns the `cacheKey` of a file without decoding it.
  static func cacheKey(path: String) throws(RecordingError) -> String {
    var key = RunningBLAKE2b()
    try read(path, largest: largest) { key.add($0) }
    return key.hexadecimal()
  }

  private static func open(_ path: String) throws(RecordingError) -> FileDescriptor {
    // Before it is opened, because opening a device can have an effect.
    var status = stat()
    _ = try system { () throws(SystemError) in try posix("read", path: path) { stat(path, &status) } }
    if status.st_mode & S_IFMT != S_IFREG { throw .notAFile }
    return try system { () throws(SystemError) in
      try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    }
  }

  private static func size(of file: borrowing FileDescriptor, path: String) throws(RecordingError) -> Int {
    let size = try system { () throws(SystemError) in try file.regularFileSize(path: path) }
    if size == 0 { throw .empty }
    return size
  }

  /// Returns the size and the time of the last change. fstat(2)
  private static func stamp(of file: borrowing FileDescriptor, path: String) throws(RecordingError) -> [Int] {
    var status = stat()
    _ = try system { () throws(SystemError) in try posix("read", path: path) { fstat(file.raw, &status) } }
    return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }

  /// All frames, and at most one block more than `atMost`. sf_readf_float(3)
  private static func read(_ sound: OpaquePointer, channels: Int, atMost: Int) throws(RecordingError) -> [Float] {
    let block = 32_768
    var all: [Float] = []
    while all.count <= atMost * channels {
      var code: CInt = 0
      let part = [Float](unsafeUninitializedCapacity: block * channels) { buffer, filled in
        let got = sf_readf_float(sound, buffer.baseAddress, sf_count_t(block))
        code = sf_error(sound)
        filled = max(0, Int(got)) * channels
      }
      if code != 0 { throw .notSound(String(cString: sf_error_number(code))) }
      if part.isEmpty { break }
      all += part
    }
    return all
  }

  /// Two channels to one: their mean, unless one is dead or they cancel each other.
  static func mix(_ interleaved: [Float]) -> ([Float], Mixdown) {
    let count = interleaved.count / 2
    var left = [Float](repeating: 0, count: count)
    var right = left
    interleaved.withUnsafeBufferPointer { all in
      for frame in 0..<count {
        left[frame] = all[2 * frame]
        right[frame] = all[2 * frame + 1]
      }
    }
    let power = (left.variance, right.variance)
    // 30 dB apart: what is left in the weaker one is crosstalk and noise.
    if power.0 > power.1 * 1_000 { return (left, .left) }
    if power.1 > power.0 * 1_000 { return (right, .right) }
    let mean = zip(left, right).map { ($0 + $1) / 2 }
    // Equal signals keep their power, independent ones half of it; a tenth means that they cancel.
    if mean.variance < max(power.0, power.1) / 10 { return (left, .outOfPhase) }
    return (mean, .both)
  }

  /// Reads a whole file of at most `largest` bytes in parts.
  private static func read(
    _ path: String, largest: Int, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(RecordingError) {
    let file = try open(path)
    let size = try size(of: file, path: path)
    if size > largest { throw .tooLarge(bytes: size) }
    try read(file, size: size, take)
  }

  /// Reads a whole file in parts, wherever the descriptor stands. pread(2)
  private static func read(
    _ file: borrowing FileDescriptor, size: Int, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(RecordingError) {
    var offset = 0
    while offset < size {
      let count = min(1 << 16, size - offset)
      // The file was truncated after it was decoded.
      guard let part = try system({ () throws(SystemError) in try file.read(count, at: offset) }) else {
        throw .truncated(promised: size, found: offset)
      }
      part.withUnsafeBytes(take)
      offset += count
    }
  }
}

/// Calls the kernel, and wraps its error.
private func system<Result: ~Copyable>(
  _ call: () throws(SystemError) -> Result
) throws(RecordingError) -> Result {
  do throws(SystemError) { return try call() } catch { throw .system(error) }
}
