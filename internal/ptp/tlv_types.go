package ptp

// TLVType is a tlvType (IEEE 1588-2019 table 52). It prints as the standard
// names it, "PATH_TRACE"; an unknown one as "TLVType(0x3abc)".
type TLVType uint16

// The TLV types. Those with a remark are not of IEEE 1588-2019.
const (
	TLVManagement                           TLVType = 0x0001
	TLVManagementErrorStatus                TLVType = 0x0002
	TLVOrganizationExtension                TLVType = 0x0003
	TLVRequestUnicastTransmission           TLVType = 0x0004
	TLVGrantUnicastTransmission             TLVType = 0x0005
	TLVCancelUnicastTransmission            TLVType = 0x0006
	TLVAcknowledgeCancelUnicastTransmission TLVType = 0x0007
	TLVPathTrace                            TLVType = 0x0008
	TLVAlternateTimeOffsetIndicator         TLVType = 0x0009
	TLVAuthentication2008                   TLVType = 0x2000 // IEEE 1588-2008 Annex K, experimental
	TLVAuthenticationChallenge              TLVType = 0x2001 // IEEE 1588-2008 Annex K, experimental
	TLVSecurityAssociationUpdate            TLVType = 0x2002 // IEEE 1588-2008 Annex K, experimental
	TLVCumFreqScaleFactorOffset             TLVType = 0x2003 // IEEE 1588-2008 Annex L, experimental
	TLVAlternateResponsePort                TLVType = 0x2007 // SPTP, as facebook/time has it
	TLVNetSyncMonitorRequest                TLVType = 0x21FE // NetSync monitor, as linuxptp has it
	TLVNetSyncMonitorResponse               TLVType = 0x21FF // NetSync monitor, as linuxptp has it
	TLVOrganizationExtensionPropagate       TLVType = 0x4000
	TLVEnhancedAccuracyMetrics              TLVType = 0x4001
	TLVSlaveDelayTimingDataNP               TLVType = 0x7F00 // linuxptp
	TLVOrganizationExtensionDoNotPropagate  TLVType = 0x8000
	TLVL1Sync                               TLVType = 0x8001
	TLVPortCommunicationAvailability        TLVType = 0x8002
	TLVProtocolAddress                      TLVType = 0x8003
	TLVSlaveRxSyncTimingData                TLVType = 0x8004
	TLVSlaveRxSyncComputedData              TLVType = 0x8005
	TLVSlaveTxEventTimestamps               TLVType = 0x8006
	TLVCumulativeRateRatio                  TLVType = 0x8007
	TLVPad                                  TLVType = 0x8008
	TLVAuthentication                       TLVType = 0x8009
)

var tlvTypeNames = map[TLVType]string{
	TLVManagement:                           "MANAGEMENT",
	TLVManagementErrorStatus:                "MANAGEMENT_ERROR_STATUS",
	TLVOrganizationExtension:                "ORGANIZATION_EXTENSION",
	TLVRequestUnicastTransmission:           "REQUEST_UNICAST_TRANSMISSION",
	TLVGrantUnicastTransmission:             "GRANT_UNICAST_TRANSMISSION",
	TLVCancelUnicastTransmission:            "CANCEL_UNICAST_TRANSMISSION",
	TLVAcknowledgeCancelUnicastTransmission: "ACKNOWLEDGE_CANCEL_UNICAST_TRANSMISSION",
	TLVPathTrace:                            "PATH_TRACE",
	TLVAlternateTimeOffsetIndicator:         "ALTERNATE_TIME_OFFSET_INDICATOR",
	TLVAuthentication2008:                   "AUTHENTICATION_2008",
	TLVAuthenticationChallenge:              "AUTHENTICATION_CHALLENGE",
	TLVSecurityAssociationUpdate:            "SECURITY_ASSOCIATION_UPDATE",
	TLVCumFreqScaleFactorOffset:             "CUM_FREQ_SCALE_FACTOR_OFFSET",
	TLVAlternateResponsePort:                "ALTERNATE_RESPONSE_PORT",
	TLVNetSyncMonitorRequest:                "PTPMON_REQ",
	TLVNetSyncMonitorResponse:               "PTPMON_RESP",
	TLVOrganizationExtensionPropagate:       "ORGANIZATION_EXTENSION_PROPAGATE",
	TLVEnhancedAccuracyMetrics:              "ENHANCED_ACCURACY_METRICS",
	TLVSlaveDelayTimingDataNP:               "SLAVE_DELAY_TIMING_DATA_NP",
	TLVOrganizationExtensionDoNotPropagate:  "ORGANIZATION_EXTENSION_DO_NOT_PROPAGATE",
	TLVL1Sync:                               "L1_SYNC",
	TLVPortCommunicationAvailability:        "PORT_COMMUNICATION_AVAILABILITY",
	TLVProtocolAddress:                      "PROTOCOL_ADDRESS",
	TLVSlaveRxSyncTimingData:                "SLAVE_RX_SYNC_TIMING_DATA",
	TLVSlaveRxSyncComputedData:              "SLAVE_RX_SYNC_COMPUTED_DATA",
	TLVSlaveTxEventTimestamps:               "SLAVE_TX_EVENT_TIMESTAMPS",
	TLVCumulativeRateRatio:                  "CUMULATIVE_RATE_RATIO",
	TLVPad:                                  "PAD",
	TLVAuthentication:                       "AUTHENTICATION",
}

func (t TLVType) String() string { return nameOf(t, tlvTypeNames, "TLVType") }

// newTLV returns an empty TLV of the Go type for t; the value tells
// organization extensions apart.
func newTLV(t TLVType, value []byte) TLV {
	switch t {
	case TLVManagement:
		return new(ManagementTLV)
	case TLVManagementErrorStatus:
		return new(ManagementErrorStatus)
	case TLVOrganizationExtension, TLVOrganizationExtensionPropagate, TLVOrganizationExtensionDoNotPropagate:
		return newOrganizationTLV(t, value)
	case TLVRequestUnicastTransmission:
		return new(RequestUnicastTransmission)
	case TLVGrantUnicastTransmission:
		return new(GrantUnicastTransmission)
	case TLVCancelUnicastTransmission:
		return new(CancelUnicastTransmission)
	case TLVAcknowledgeCancelUnicastTransmission:
		return new(AcknowledgeCancelUnicastTransmission)
	case TLVPathTrace:
		return new(PathTrace)
	case TLVAlternateTimeOffsetIndicator:
		return new(AlternateTimeOffsetIndicator)
	case TLVAlternateResponsePort:
		return new(AlternateResponsePort)
	case TLVNetSyncMonitorRequest:
		return new(NetSyncMonitorRequest)
	case TLVNetSyncMonitorResponse:
		return new(NetSyncMonitorResponse)
	case TLVEnhancedAccuracyMetrics:
		return new(EnhancedAccuracyMetrics)
	case TLVSlaveDelayTimingDataNP:
		return new(SlaveDelayTimingDataNP)
	case TLVL1Sync:
		return new(L1Sync)
	case TLVPortCommunicationAvailability:
		return new(PortCommunicationAvailability)
	case TLVProtocolAddress:
		return new(ProtocolAddress)
	case TLVSlaveRxSyncTimingData:
		return new(SlaveRxSyncTimingData)
	case TLVSlaveRxSyncComputedData:
		return new(SlaveRxSyncComputedData)
	case TLVSlaveTxEventTimestamps:
		return new(SlaveTxEventTimestamps)
	case TLVCumulativeRateRatio:
		return new(CumulativeRateRatio)
	case TLVPad:
		return new(Pad)
	case TLVAuthentication:
		return new(Authentication)
	}
	return &RawTLV{TLVType: t}
}
