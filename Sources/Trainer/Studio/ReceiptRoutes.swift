import ChannelPublisher
import Distribution
import Encoding
import Import
import Posix
import Project
import Web

extension Studio {
  /// The maximum size of receipts with their frame of JSON: those of 20,000 devices.
  private static let receiptsLimit = 32 << 20
  /// The maximum number of receipts in one archive.
  private static let archiveCount = 100_000

  /// The routes of receipts. They change no file, so that a read-only studio counts, too.
  var receiptRoutes: [Route] {
    let receipts = "/api/1/channels/:channel/receipts"
    return [
      Route("POST", receipts, limit: Self.receiptsLimit) { request throws(Refusal) in
        struct Wish: Decodable {
          struct File: Decodable {
            var name: String
            var text: String
          }
          var files: [File]
        }
        // What decoding needed is several times what is kept.
        defer { Memory.trim() }
        let wish = try request.decode(Wish.self)
        return try self.counting(request) { (receipts) throws(Refusal) in
          for file in wish.files {
            receipts.count.add(file: Array(file.text.utf8), named: String(file.name.prefix(200)))
          }
        }
      },
      Route("POST", receipts + "/archive", upload: archiveRule) { request, upload throws(Refusal) in
        let name = try Self.name(request)
        return try self.counting(request) { (receipts) throws(Refusal) in
          let found = try Self.refusing {
            try PackedFiles.read(
              upload.path, shown: name, ending: ReceiptCount.ending, limit: Receipt.limit, atMost: Self.archiveCount
            ) { entry, bytes in receipts.count.add(file: bytes ?? [], named: "\(name): \(entry.prefix(200))") }
          }
          if found == 0 {
            throw Refusal(422, "refused", "'\(name)' has no receipt in it", "choose the archive of a stick or folder")
          }
        }
      },
      Route("POST", receipts + "/registered", limit: 8 << 20) { request throws(Refusal) in
        struct Wish: Decodable { var text: String }
        let wish = try request.decode(Wish.self)
        return try self.counting(request) { (receipts) throws(Refusal) in
          do throws(DocumentError) { _ = try receipts.count.unheard(in: wish.text) } catch {
            throw Refusal(422, "refused", "line \(error)", "choose a list with the id of one device in each line")
          }
          receipts.registered = wish.text
        }
      },
      Route("POST", receipts + "/end") { request throws(Refusal) in
        self.channels.forgetReceipts(request["channel"])
        return try self.counted(request)
      },
      Route("GET", receipts + "/devices") { request throws(Refusal) in
        let id = request["channel"]
        guard let receipts = self.channels.receipts(id) else {
          throw Refusal(404, "not-found", "no receipt was counted", "choose receipts again")
        }
        let newest = try self.channels.opening(id) { $0.newestKits }
        return .download(
          Array(ReceiptsView.table(receipts, newest: newest).utf8), type: "text/csv; charset=utf-8",
          name: "devices-\(Day.today()).csv")
      },
    ]
  }

  private var archiveRule: UploadRule {
    UploadRule(bytes: 256 << 20) { request throws(Refusal) in
      _ = try Self.name(request)
      return Files.temporaryPlace
    }
  }

  /// Changes what is counted, and answers with the channel.
  private func counting(
    _ request: WebRequest, _ change: (inout ChannelShelf.Receipts) throws(Refusal) -> Void
  ) throws(Refusal) -> WebResponse {
    let id = request["channel"]
    // Only of a channel that is there.
    _ = try channels.opening(id) { $0.version }
    try channels.counting(id, change)
    return try counted(request)
  }

  private func counted(_ request: WebRequest) throws(Refusal) -> WebResponse {
    let id = request["channel"]
    let view = try channels.opening(id) { try self.view(of: $0, id) }
    publish(channel: id)
    return .json(view)
  }
}
