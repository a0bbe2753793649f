import Glibc
import KitBuilder
import Posix

/// Why a file cannot be decoded.
public struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason and what to do, on one line.
  public var description: String
}

/// An input file, decoded by libsndfile or else by ffmpeg.
struct DecodedFile {
  /// The decoded sound.
  var recording: Recording
  /// The SHA-256 of the original file.
  var sha256: String
  /// Whether ffmpeg converted the file; then the conversion is kept instead of the original.
  var isConverted: Bool

  /// The maximum length in seconds.
  static let longest = 1800
  /// The maximum size in bytes.
  static let largest = 2 << 30

  /// Decodes a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: the original's name, for errors.
  init(path: String, name: String, longest: Int = DecodedFile.longest) throws(DecodeError) {
    do throws(RecordingError) {
      recording = try Recording(path: path, longest: longest, largest: Self.largest)
      (sha256, isConverted) = (recording.sha256, false)
    } catch {
      guard case .notSound = error else {
        if case .tooLong(let seconds) = error {
          throw DecodeError(
            description:
              "is \(Int(seconds / 60)) minutes long: cut it into parts of at most \(Self.longest / 60) minutes")
        }
        throw DecodeError(description: "\(error): \(error.remedy)")
      }
      let converted = try Self.convert(path, name: name)
      do throws(RecordingError) {
        recording = try Recording(
          path: "/proc/self/fd/\(converted.raw)", longest: longest, largest: Self.largest)
        sha256 = try Recording.sha256(path: path, largest: Self.largest)
      } catch { throw DecodeError(description: "\(error): \(error.remedy)") }
      isConverted = true
    }
  }

  /// Converts a file with ffmpeg to a WAV file without a name. ffmpeg may read only local files, and no playlists.
  private static func convert(_ path: String, name: String) throws(DecodeError) -> FileDescriptor {
    let kinds = "aac,amr,asf,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,wav"
    let arguments = [
      "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", kinds, "-i", "file:\(path)",
      "-map", "0:a:0", "-t", "\(longest + 60)", "-fs", "\(largest - 1)", "-c:a", "pcm_s24le", "-f", "wav", "pipe:1",
    ]
    do throws(SystemError) {
      let file = try Files.makeTemporaryFile("firstword-import")
      if try ChildProcess.run("ffmpeg", arguments, seconds: 300, result: file.raw).code == 0 { return file }
    } catch {
      if error.code != ENOENT {
        throw DecodeError(description: "ffmpeg cannot read it (\(error.cause)): export it as WAV or FLAC")
      }
      let ending = SourceKind.ending(of: name)
      throw DecodeError(
        description: "\(ending.isEmpty ? "this format" : "." + ending) needs ffmpeg, which is not installed: "
          + "install it (sudo apt install ffmpeg), or export it as WAV or FLAC")
    }
    throw DecodeError(description: "libsndfile and ffmpeg cannot read it: export it as WAV or FLAC")
  }
}
