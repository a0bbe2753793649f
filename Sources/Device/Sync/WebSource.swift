import Channel
import Glibc
import Posix

/// A mirror on a web server: static files, over http or https.
public struct WebSource: ChannelSource {
  /// The URL of the directory `metadata`, with a final slash.
  public let metadataURL: String
  /// The URL of the directory `targets`, with a final slash.
  public let targetsURL: String
  private let transfer: Transfer
  private let policy: Transfer.Policy

  /// Creates a source of the two directories of a mirror.
  public init(metadata: String, targets: String, _ transfer: Transfer, _ policy: Transfer.Policy) {
    metadataURL = Self.directory(metadata)
    targetsURL = Self.directory(targets)
    self.transfer = transfer
    self.policy = policy
  }

  /// Creates a source of a mirror, with `metadata` and `targets` below its URL.
  public init(_ url: String, _ transfer: Transfer, _ policy: Transfer.Policy) {
    self.init(
      metadata: Self.directory(url) + "metadata", targets: Self.directory(url) + "targets", transfer, policy)
  }

  private static func directory(_ url: String) -> String { url.hasSuffix("/") ? url : url + "/" }

  /// Returns a file of `metadata`; nil if the server answers that there is none.
  public func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]? {
    var bytes: [UInt8] = []
    let outcome = try transfer.get(metadataURL + name, file: name, limit: limit, seconds: policy.metadata) { part, _ in
      bytes += part
      return true
    }
    if case .whole = outcome { return bytes }
    return nil
  }

  /// Reads a file of `targets` from an offset to its end. A server without ranges sends the whole file.
  public func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError) {
    var skipped = 0
    var failure: ChannelError?
    let outcome: Transfer.Outcome
    do throws(ChannelError) {
      outcome = try transfer.get(
        targetsURL + ChannelName.encoded(name, slashes: true), file: name, range: offset > 0 ? "\(offset)-" : nil,
        limit: size, seconds: 0
      ) { part, isPartial in
        var part = part
        if !isPartial && skipped < offset {
          let count = min(part.count, offset - skipped)
          skipped += count
          part = UnsafeRawBufferPointer(rebasing: part.dropFirst(count))
        }
        if part.isEmpty { return true }
        do throws(ChannelError) { try sink(part) } catch {
          failure = error
          return false
        }
        return true
      }
    } catch { throw failure ?? error }
    switch outcome {
    case .whole, .partial: return
    case .missing: throw .missing(file: name)
    case .unsatisfiable: throw .mismatch(file: name)
    }
  }

  /// Reads bytes of a file of `targets`; nil where the server gives whole files only.
  func read(_ range: Range<Int>, of name: String) throws(ChannelError) -> [UInt8]? {
    var bytes: [UInt8] = []
    var isWhole = false
    do throws(ChannelError) {
      _ = try transfer.get(
        targetsURL + ChannelName.encoded(name, slashes: true), file: name,
        range: "\(range.lowerBound)-\(range.upperBound - 1)", limit: range.count, seconds: 0
      ) { part, isPartial in
        if !isPartial {
          isWhole = true
          return false
        }
        bytes += part
        return true
      }
    } catch { if !isWhole { throw error } }
    if isWhole { return nil }
    if bytes.count != range.count { throw .unavailable(file: name, why: "the server sent another range") }
    return bytes
  }
}
