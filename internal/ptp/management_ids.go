package ptp

// ManagementID is a managementId (IEEE 1588-2019 table 59). It prints as
// "PRIORITY1", or "ManagementID(0x2abc)".
type ManagementID uint16

func (id ManagementID) String() string {
	if info := managementIDs[id]; info.name != "" {
		return info.name
	}
	return nameOf(id, nil, "ManagementID")
}

// managementIDs are the ids known here. Where newData is nil the dataField is
// empty or is not looked into; datum names the field of a Datum.
var managementIDs = map[ManagementID]struct {
	name    string
	newData func() ManagementData
	datum   string
}{
	0x0000: {name: "NULL_PTP_MANAGEMENT"},
	0x0001: {name: "CLOCK_DESCRIPTION", newData: data[ClockDescription]},
	0x0002: {name: "USER_DESCRIPTION", newData: data[UserDescription]},
	0x0003: {name: "SAVE_IN_NON_VOLATILE_STORAGE"},
	0x0004: {name: "RESET_NON_VOLATILE_STORAGE"},
	0x0005: {name: "INITIALIZE", newData: data[Initialize]},
	0x0006: {name: "FAULT_LOG"},
	0x0007: {name: "FAULT_LOG_RESET"},

	0x2000: {name: "DEFAULT_DATA_SET", newData: data[DefaultDataSet]},
	0x2001: {name: "CURRENT_DATA_SET", newData: data[CurrentDataSet]},
	0x2002: {name: "PARENT_DATA_SET", newData: data[ParentDataSet]},
	0x2003: {name: "TIME_PROPERTIES_DATA_SET", newData: data[TimePropertiesDataSet]},
	0x2004: {name: "PORT_DATA_SET", newData: data[PortDataSet]},
	0x2005: {name: "PRIORITY1", newData: data[Datum[uint8]], datum: "priority1"},
	0x2006: {name: "PRIORITY2", newData: data[Datum[uint8]], datum: "priority2"},
	0x2007: {name: "DOMAIN", newData: data[Datum[uint8]], datum: "domainNumber"},
	0x2008: {name: "SLAVE_ONLY", newData: data[Datum[uint8]], datum: "slaveOnly"},
	0x2009: {name: "LOG_ANNOUNCE_INTERVAL", newData: data[Datum[LogInterval]], datum: "logAnnounceInterval"},
	0x200A: {name: "ANNOUNCE_RECEIPT_TIMEOUT", newData: data[Datum[uint8]], datum: "announceReceiptTimeout"},
	0x200B: {name: "LOG_SYNC_INTERVAL", newData: data[Datum[LogInterval]], datum: "logSyncInterval"},
	0x200C: {name: "VERSION_NUMBER", newData: data[Datum[uint8]], datum: "versionNumber"},
	0x200D: {name: "ENABLE_PORT"},
	0x200E: {name: "DISABLE_PORT"},
	0x200F: {name: "TIME", newData: data[ClockTime]},
	0x2010: {name: "CLOCK_ACCURACY", newData: data[Datum[ClockAccuracy]], datum: "clockAccuracy"},
	0x2011: {name: "UTC_PROPERTIES", newData: data[UTCProperties]},
	0x2012: {name: "TRACEABILITY_PROPERTIES", newData: data[TraceabilityProperties]},
	0x2013: {name: "TIMESCALE_PROPERTIES", newData: data[TimescaleProperties]},
	0x2014: {name: "UNICAST_NEGOTIATION_ENABLE", newData: data[Datum[uint8]], datum: "enable"},
	0x2015: {name: "PATH_TRACE_LIST", newData: data[PathTraceList]},
	0x2016: {name: "PATH_TRACE_ENABLE", newData: data[Datum[uint8]], datum: "enable"},
	0x2017: {name: "GRANDMASTER_CLUSTER_TABLE", newData: data[GrandmasterClusterTable]},
	0x2018: {name: "UNICAST_MASTER_TABLE", newData: data[UnicastMasterTable]},
	0x2019: {name: "UNICAST_MASTER_MAX_TABLE_SIZE", newData: data[MaxTableSize]},
	0x201A: {name: "ACCEPTABLE_MASTER_TABLE", newData: data[AcceptableMasterTable]},
	0x201B: {name: "ACCEPTABLE_MASTER_TABLE_ENABLED", newData: data[Datum[uint8]], datum: "enable"},
	0x201C: {name: "ACCEPTABLE_MASTER_MAX_TABLE_SIZE", newData: data[MaxTableSize]},
	0x201D: {name: "ALTERNATE_MASTER", newData: data[AlternateMaster]},
	0x201E: {name: "ALTERNATE_TIME_OFFSET_ENABLE", newData: data[AlternateTimeOffsetEnable]},
	0x201F: {name: "ALTERNATE_TIME_OFFSET_NAME", newData: data[AlternateTimeOffsetName]},
	0x2020: {name: "ALTERNATE_TIME_OFFSET_MAX_KEY", newData: data[Datum[uint8]], datum: "maxKey"},
	0x2021: {name: "ALTERNATE_TIME_OFFSET_PROPERTIES", newData: data[AlternateTimeOffsetProperties]},

	0x3000: {name: "EXTERNAL_PORT_CONFIGURATION_ENABLED", newData: data[Datum[uint8]], datum: "enable"},
	0x3001: {name: "MASTER_ONLY", newData: data[Datum[uint8]], datum: "masterOnly"},
	0x3002: {name: "HOLDOVER_UPGRADE_ENABLE", newData: data[Datum[uint8]], datum: "enable"},
	0x3003: {name: "EXT_PORT_CONFIG_PORT_DATA_SET"},
	0x4000: {name: "TRANSPARENT_CLOCK_DEFAULT_DATA_SET", newData: data[TransparentClockDefaultDataSet]},
	0x4001: {name: "TRANSPARENT_CLOCK_PORT_DATA_SET", newData: data[TransparentClockPortDataSet]},
	0x4002: {name: "PRIMARY_DOMAIN", newData: data[Datum[uint8]], datum: "primaryDomain"},
	0x6000: {name: "DELAY_MECHANISM", newData: data[Datum[DelayMechanism]], datum: "delayMechanism"},
	0x6001: {name: "LOG_MIN_PDELAY_REQ_INTERVAL", newData: data[Datum[LogInterval]], datum: "logMinPdelayReqInterval"},

	// linuxptp's own.
	0xC000: {name: "TIME_STATUS_NP", newData: data[TimeStatusNP]},
	0xC001: {name: "GRANDMASTER_SETTINGS_NP", newData: data[GrandmasterSettingsNP]},
	0xC002: {name: "PORT_DATA_SET_NP", newData: data[PortDataSetNP]},
	0xC003: {name: "SUBSCRIBE_EVENTS_NP", newData: data[SubscribeEventsNP]},
	0xC004: {name: "PORT_PROPERTIES_NP", newData: data[PortPropertiesNP]},
	0xC005: {name: "PORT_STATS_NP", newData: data[PortStatsNP]},
	0xC006: {name: "SYNCHRONIZATION_UNCERTAIN_NP", newData: data[Datum[uint8]], datum: "synchronizationUncertain"},
	0xC007: {name: "PORT_SERVICE_STATS_NP", newData: data[PortServiceStatsNP]},
	0xC008: {name: "UNICAST_MASTER_TABLE_NP", newData: data[UnicastMasterTableNP]},
	0xC009: {name: "PORT_HWCLOCK_NP", newData: data[PortHardwareClockNP]},
	0xC00A: {name: "POWER_PROFILE_SETTINGS_NP", newData: data[PowerProfileSettingsNP]},
	0xC00B: {name: "CMLDS_INFO_NP", newData: data[CMLDSInfoNP]},
	0xC00C: {name: "PORT_CORRECTIONS_NP", newData: data[PortCorrectionsNP]},
	0xC00D: {name: "EXTERNAL_GRANDMASTER_PROPERTIES_NP", newData: data[ExternalGrandmasterPropertiesNP]},
}

// data returns new data of type D.
func data[D any, P interface {
	*D
	ManagementData
}]() ManagementData {
	return P(new(D))
}
