import Channel
import Distribution
import Encoding
import Kit
import Posix

extension ChannelFolder {
  /// The roles that offer files: `targets`, then those of countries.
  public var publishers: [String] { state.publishers }

  /// Returns the recall list that a role offers, or will offer with its draft.
  ///
  /// - Returns: nil if there is none.
  public func recalls(of role: String) throws -> RecallList? { try offeredList(of: role)?.list }

  /// Recalls a kit that the channel offers: makes the next issue of its role's list, signs it, and offers it. It is not
  /// published before the role's keys have signed.
  ///
  /// - Parameters:
  ///   - path: the kit's path among the targets.
  ///   - reason: the reason in one line, for people.
  ///   - day: the day of the recall.
  ///   - key: the publisher's key that signed the kit.
  /// - Throws: `.content` if the kit is recalled already, if the key did not sign it, so that devices would not heed the
  ///   list, and if another key signed the list on offer, which the new one would replace.
  public func recall(
    kit path: String, reason: String, day: String, signedBy key: SecretKey, now: WallTime
  ) throws -> Addition {
    let role = try role(offering: path)
    guard let file = state.next(role)?.targets[path], case .kit(let release) = TargetContent(custom: file.custom) else {
      throw PublisherError.content(path: path, why: "it is no kit, so it cannot be recalled")
    }
    let trusted = TrustedKeys([key.publicKey])
    var list = RecallList()
    if let offered = try offeredList(of: role) {
      do throws(SignedFileError) { list = try RecallList.read(offered.document, trustedBy: trusted).list } catch {
        throw PublisherError.content(
          path: offered.document.path, why: "another key signed the list on offer; recall the kit with that key")
      }
    }
    do throws(DocumentError) {
      let entry = Recall(kind: .kit, id: release.manifest, reason: reason, date: day)
      if try !list.add(entry) { throw DocumentError("", "is recalled already") }
    } catch { throw PublisherError.content(path: path, why: error.why) }
    let kit = try KitFile(path: targetFile(path, file).string)
    if list.refusals(of: kit, trustedBy: trusted, by: key.publicKey).isEmpty {
      throw PublisherError.content(
        path: path, why: "this key did not sign it, so devices would not heed the recall; use the key that signed it")
    }
    let bytes = try list.json()
    let signature = try key.sign(bytes, trustedComment: "firstword recall list, issue \(list.issue)")
    return try offer(list, bytes, signature.file, named: path, to: role, now: now)
  }

  /// Returns the recall list that a role offers, with its signature.
  private func offeredList(of role: String) throws -> (list: RecallList, document: SignedDocument)? {
    let name = place(Self.recalls, role)
    guard let targets = state.next(role)?.targets, let file = targets[name], let signature = targets[name + ".minisig"]
    else { return nil }
    let document = SignedDocument(
      path: name, bytes: try Files.read(targetFile(name, file), limit: SignedFile.limit),
      signature: try Files.read(targetFile(name + ".minisig", signature), limit: SignedDocument.signatureLimit))
    do throws(DocumentError) { return (try RecallList(json: document.bytes), document) } catch {
      throw PublisherError.damaged(path: targetFile(name, file).string, error)
    }
  }

  private func targetFile(_ path: String, _ file: TargetFile) -> Path {
    self.path.appending(Name.targets).appending(ChannelName.target(path, hash: file.nameHash))
  }
}
