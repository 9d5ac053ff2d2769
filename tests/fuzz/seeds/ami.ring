Event: DialBegin
Privilege: call,all
Timestamp: 1763640000.123
Channel: PJSIP/trunk-00000001
ChannelState: 4
CallerIDNum: +4930901820
CallerIDName: Lin Mei
Uniqueid: 1763640000.1
ChanVariable(PJSIP/trunk-00000001): IVR_CALL=0b5f6a4e-9d2e-4f43-a6a6-7d0b3f1d2c11
DestChannel: PJSIP/1001-00000002
DestUniqueid: 1763640001.2
DialString: 1001
