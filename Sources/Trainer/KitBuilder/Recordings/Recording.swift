import CSndFile
import CSodium
import Encoding
import Glibc
import Posix

/// What a speaker recorded of one prompt, in mono at the rate it was recorded with.
public struct Recording: Sendable {
  /// Hz.
  public static let rates = 8_000...192_000
  /// Seconds. A prompt takes under ten: what is longer is a whole session, or the wrong file.
  public static let longest = 60
  /// Bytes: more than `longest` takes in any format.
  public static let largest = 256 << 20
  /// Times full scale: what is higher was written as whole numbers, or is rubbish.
  public static let highest: Float = 100

  /// Full scale is 1; may exceed it where the file holds floats.
  public var samples: [Float]
  /// Hz.
  public var rate: Int
  public var channels: Int
  /// How two channels became one.
  public var mixdown: Mixdown
  /// SHA-256 of the file, lower-case hexadecimal.
  public var sha256: String
  /// The file itself says that a machine speaks (`Synthesis.mark`).
  public var synthetic: Bool
  /// SHA-256 of the wording that the machine spoke, where the file says it.
  public var wording: String?

  /// Seconds.
  public var duration: Double { Double(samples.count) / Double(rate) }

  public enum Mixdown: String, Codable, Sendable {
    /// There was one channel.
    case mono
    /// The mean of both.
    case both
    /// One channel was dead and left out, so that it does not halve the level.
    case left, right
    /// The channels cancel each other: the left one alone was taken.
    case outOfPhase
  }

  /// Sound that is in memory already.
  public init(samples: [Float], rate: Int, sha256: String = "", synthetic: Bool = false) {
    self.samples = samples
    self.rate = rate
    self.channels = 1
    self.mixdown = .mono
    self.sha256 = sha256
    self.synthetic = synthetic
  }

  /// Reads a file of any format that libsndfile knows. sf_open_fd(3)
  ///
  /// A FIFO, a device or a circle of links is an error and never a wait.
  ///
  /// - Parameters:
  ///   - longest: seconds; more than a prompt takes only where many are in one file.
  ///   - largest: bytes.
  public init(
    path: String, longest: Int = Recording.longest, largest: Int = Recording.largest
  ) throws(RecordingError) {
    let file = try Self.open(path)
    let size = try Self.size(of: file, path: path)
    let stamp = try Self.stamp(of: file, path: path)
    try Envelope.check(file, size: size)

    var info = SF_INFO()
    // What it does not know it closes, whatever it was told: this one is its own.
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
    // SF_COUNT_MAX where the format does not tell.
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
    // Last, for only a sound of a prompt's length is worth reading whole.
    sha256 = try Self.digest(of: file, size: size)
    if try Self.stamp(of: file, path: path) != stamp { throw .changed }
    synthetic = texts.contains { $0.contains(Synthesis.mark) }
    wording = texts.compactMap(Synthesis.wording).first
  }

  /// SHA-256 of a file that may be a recording, without looking into it.
  public static func sha256(path: String, largest: Int = Recording.largest) throws(RecordingError) -> String {
    let file = try open(path)
    let size = try size(of: file, path: path)
    if size > largest { throw .tooLarge(bytes: size) }
    return try digest(of: file, size: size)
  }

  private static func open(_ path: String) throws(RecordingError) -> FileDescriptor {
    // Looked at before it is opened: opening a device can have an effect.
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

  /// Size and time of the last change. fstat(2)
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

  /// SHA-256 of a whole file in lower-case hexadecimal, wherever the descriptor stands. crypto_hash_sha256_update(3)
  private static func digest(of file: borrowing FileDescriptor, size: Int) throws(RecordingError) -> String {
    var state = crypto_hash_sha256_state()
    crypto_hash_sha256_init(&state)
    var offset = 0
    while offset < size {
      let count = min(1 << 16, size - offset)
      // A file that shrinks while it is read is no longer what was heard.
      guard let part = try system({ () throws(SystemError) in try file.read(count, at: offset) }) else {
        throw .truncated(promised: size, found: offset)
      }
      crypto_hash_sha256_update(&state, part, UInt64(count))
      offset += count
    }
    var sum = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&state, &sum)
    return Digest.hexadecimal(sum)
  }
}

/// A refusal of the kernel, as a recording's failure.
private func system<Result: ~Copyable>(
  _ call: () throws(SystemError) -> Result
) throws(RecordingError) -> Result {
  do throws(SystemError) { return try call() } catch { throw .system(error) }
}
