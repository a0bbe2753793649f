/// The limits of the control socket's protocol.
///
/// Each line is one JSON object. A reply has the id of its request; subscribers also receive events.
/// `control.schema.json` defines all three.
public enum ControlProtocol {
  /// The version in the hello. A change that an older client cannot read raises it.
  public static let version = 1
  /// The maximum length of a request in bytes, without the line break.
  public static let longestLine = 4096
  /// The maximum length of a reply in bytes, without the line break.
  public static let longestReply = 1 << 20
  /// The maximum number of connected clients. A further one takes the place of a client that asks nothing, or is
  /// disconnected.
  public static let maximumClients = 128
  /// Places beyond `maximumClients` for the owner of the device.
  public static let ownerPlaces = 4
  /// The maximum number of one client's requests answered in a second; the others wait.
  public static let perClient = 200
  /// The maximum number of all clients' requests answered in a second.
  public static let perSecond = 1000
}
